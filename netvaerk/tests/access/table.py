"""Who may open which door: one line per kind of person's answer, one word per address. Read off the design, by hand.

The matrix (`test_matrix.py`) tries every address of the site against this table; an address that stands nowhere in it
fails the build. The words of the answers:

    ok     a page, a file, or the way on to one
    403    knows of it and may not
    404    for them it does not exist
    login  the page where one signs in
"""

ANSWERS = ("ok", "403", "404", "login")

# Each column is somebody seen from one closed, active network: an active member and its coordinator, a member on leave,
# a leader it has invited, HR, its ansvarlig chef, top management, and all who know nothing of it: another network's
# coordinator, one who has left, a system administrator. Whoever is not signed in is asked to, unless a row says more.
KINDS = """
                      member coordinator away invited hr   hr_admin sponsor board political outside signed_out

everyone              ok     ok          ok   ok      ok   ok       ok      ok    ok        ok
public                ok     ok          ok   ok      ok   ok       ok      ok    ok        ok      ok
token                 ok     ok          ok   ok      ok   ok       ok      ok    ok        ok      ok

# What the house knows of a network
catalogue             ok     ok          ok   ok      ok   ok       ok      ok    ok        404
basis                 ok     ok          403  403     ok   ok       ok      ok    ok        404
dates                 ok     ok          403  403     ok   ok       ok      403   403       404
figures               403    403         403  403     ok   ok       ok      ok    ok        404
hr_of_network         403    403         403  403     ok   ok       403     403   403       404
own_seat              ok     ok          ok   404     404  404      404     404   404       404
own_invitation        404    404         404  ok      404  404      404     404   404       404

# Netværkets rum; a meeting is known to those who may read dates, and to nobody else
room                  ok     ok          403  403     403  403      403     403   403       404
own_in_room           ok     403         403  403     403  403      403     403   403       404
coordinator           403    ok          403  403     403  403      403     403   403       404
draft_plan            404    ok          403  403     404  404      404     403   403       404
planned_round         ok     ok          403  403     404  404      404     404   404       404
meeting               ok     ok          404  404     403  403      403     404   404       404
lead_of_meeting       403    ok          404  404     403  403      403     404   404       404
own_meeting_link      ok     403         403  403     403  403      403     403   403       403     ok

# Before the start
design                404    404         404  404     ok   ok       403     404   404       404
draft_network         404    404         404  404     ok   ok       ok      404   404       404
submitted_network     404    404         404  404     ok   ok       ok      ok    404       404
decision              404    404         404  404     403  403      ok      403   404       404
asked_in_hearing      ok     404         404  404     ok   ok       ok      404   404       404
answer_in_hearing     ok     404         404  404     403  403      403     404   404       404
hr_of_hearing         403    404         404  404     ok   ok       403     404   404       404

# Across the house
hr                    403    403         403  403     ok   ok       403     403   403       403
hr_admin              403    403         403  403     403  ok       403     403   403       403
hr_thing              404    404         404  404     ok   ok       404     404   404       404
hr_own_thing          403    403         403  403     ok   404      403     403   403       403
hr_and_board          403    403         403  403     ok   ok       403     ok    403       403
board                 403    403         403  403     403  403      403     ok    403       403
board_unsent          403    403         403  403     403  403      403     404   403       403
draft_kurs            404    404         404  404     ok   ok       404     ok    404       404
approval_of_kurs      404    404         404  404     403  403      404     ok    404       404
approvers             403    403         403  403     403  403      ok      ok    403       403
status                403    403         403  403     ok   ok       403     ok    ok        403
own_thing             ok     404         404  404     404  404      404     404   404       404
nobody                404    404         404  404     404  404      404     404   404       404
"""

# read: a page, by GET. form: a page that is sent. act: by POST alone. What is not named here is answered by 405.
# `address@object` tries another object than the usual one of `municipality.py`.
DOORS = {
    "public": {
        "read": """
            brand_css netvaerk:about netvaerk:accessibility netvaerk:privacy netvaerk:was netvaerk:health_live
            sso_signed_out sso_stranger sso_waiting
        """,
        "act": "set_language",
    },
    "token": {"read": "meetings:feed"},
    "everyone": {
        "read": """
            home networks:catalogue networks:exercises networks:directions networks:direction networks:consultations
            meetings:mine meetings:my_year meetings:my_weeks meetings:reflection_log meetings:download_reflection_log
            netvaerk:search netvaerk:reads_of_me members:inbox account_sessions
        """,
        "form": """
            meetings:subscription meetings:new_reflection_note meetings:erase_reflection_log netvaerk:my_data
            members:profile
        """,
        "act": "members:inbox_read",
    },
    "catalogue": {"read": "networks:network", "form": "networks:apply"},
    "basis": {
        "read": "networks:basis networks:basis_version networks:members meetings:feedback",
        "form": "meetings:feedback_round@shared_round",
    },
    "dates": {
        "read": "meetings:plan_list meetings:network_year meetings:print_plan meetings:plan_ics",
        "form": "meetings:plan",
    },
    "figures": {"read": "netvaerk:status_network"},
    "hr_of_network": {
        "form": """
            networks:open_enrolment networks:close_enrolment networks:change_capacity networks:activate networks:pause
            networks:resume networks:close networks:candidates networks:unenrol networks:take_leave_for
            networks:end_leave_for networks:keep_despite_change networks:move_to_post networks:renew_direction
            networks:review_basis
        """
    },
    "own_seat": {"form": "networks:leave networks:take_leave networks:end_leave"},
    "own_invitation": {"read": "networks:application", "form": "networks:accept_invitation networks:withdraw"},
    "room": {
        "read": """
            networks:charter networks:charter_version networks:goals networks:network_support networks:personal_goals
            networks:management_messages meetings:agreements meetings:topics meetings:learning_cards
            meetings:learning_card
        """,
        "form": """
            networks:propose_charter networks:object_to_charter networks:change_charter@agreement networks:new_goal
            networks:change_goal networks:assess_goal networks:drop_goal networks:write_personal_goals
            networks:look_back_on_personal_goals networks:new_management_message networks:change_management_message
            networks:drop_management_message meetings:moving_rule meetings:new_topic meetings:change_agreement
            meetings:new_learning_card meetings:change_learning_card meetings:delete_learning_card
            meetings:new_theme_feedback meetings:theme_feedback meetings:feedback_round
        """,
        "act": """
            networks:consent_to_charter networks:hide_ground_rules meetings:agree_to_moving_rule meetings:mark_topic
            meetings:discuss_topic meetings:put_topic_on_agenda meetings:bring_topic
        """,
    },
    "own_in_room": {
        "form": """
            networks:change_charter networks:withdraw_charter meetings:change_topic meetings:withdraw_topic
            meetings:share_theme_feedback meetings:withdraw_theme_feedback
        """
    },
    "coordinator": {
        "form": """
            networks:show_ground_rules networks:request_support networks:send_management_message
            networks:appoint_coordinator networks:step_down
            meetings:new_plan meetings:edit_season meetings:discard_plan meetings:reminders meetings:feedback_schedule
            meetings:new_feedback_round meetings:extend_feedback meetings:share_feedback meetings:drop_feedback
            meetings:season_summary
        """,
        "act": "meetings:agreement_done meetings:agreement_dropped meetings:agreement_resumed",
    },
    "draft_plan": {"form": "meetings:publish_plan meetings:plan@draft_plan"},
    "planned_round": {"form": "meetings:feedback_round@planned_round"},
    "meeting": {
        "read": "meetings:meeting meetings:download_ics meetings:running meetings:running_standing meetings:agenda",
        "form": """
            meetings:theme meetings:new_agenda_item meetings:change_agenda_item meetings:new_agreement meetings:new_date
        """,
        "act": """
            meetings:reply meetings:lay_out_agenda meetings:agenda_item_up meetings:agenda_item_down
            meetings:remove_agenda_item meetings:take_role meetings:give_role_back meetings:answer_new_date
        """,
    },
    "lead_of_meeting": {
        "form": """
            meetings:move meetings:postpone meetings:change_place meetings:cancel meetings:record_attendance
            meetings:close meetings:reopen meetings:assign_roles meetings:pick_new_date meetings:drop_date_poll
        """,
        "act": "meetings:start_running meetings:running_next meetings:running_previous meetings:end_running",
    },
    "own_meeting_link": {"form": "meetings:reply_link"},
    "design": {
        "form": "networks:edit_basis networks:edit_basis@first_step networks:prepare_consultation networks:submit",
        "act": "networks:add_to_consultation networks:remove_from_consultation",
    },
    "draft_network": {"read": "networks:network@draft networks:basis@draft"},
    "submitted_network": {"read": "networks:network@submitted networks:basis@submitted"},
    "decision": {"form": "networks:approve networks:return_for_changes networks:reject"},
    "hr_of_hearing": {
        "form": "networks:send_new_version networks:move_consultation_deadline networks:close_consultation"
    },
    "hr": {
        "read": """
            members:leaders members:deliveries meetings:closed_periods meetings:question_sets
            networks:support_requests netvaerk:followup netvaerk:export_followup netvaerk:outside
            netvaerk:export_outside
        """,
        "form": """
            networks:new networks:renew_directions members:import meetings:new_closed_period meetings:closed_period
            meetings:remove_closed_period
        """,
        "act": "members:retry members:give_up netvaerk:save_view netvaerk:choose_weekly_mail",
    },
    "hr_admin": {
        "read": """
            members:roles members:role_groups members:person_roles netvaerk:personal_data netvaerk:erasure_search
        """,
        "form": """
            members:levels_and_fields members:new_person members:take_role members:close_access members:open_access
            members:reset_second_factor meetings:edit_questions netvaerk:disposal netvaerk:erase
        """,
        "act": "members:give_role",
    },
    "hr_thing": {
        "read": "members:import_preview",
        "form": """
            members:leader members:import_columns members:import_rules networks:support_request
            networks:reject_application
        """,
        "act": """
            members:clear_refusals members:end_post members:import_apply members:import_dismiss
            networks:take_up_support networks:approve_application networks:put_on_waiting_list
        """,
    },
    "hr_own_thing": {"act": "netvaerk:drop_view"},
    "hr_and_board": {
        "read": "networks:policy_drafts networks:policy_draft",
        "form": "networks:new_direction networks:new_policy_draft",
    },
    "board": {"form": "networks:reply_to_management_message"},
    "board_unsent": {"form": "networks:reply_to_management_message@unsent"},
    "draft_kurs": {
        "read": "networks:direction@draft_kurs",
        "form": "networks:edit_direction networks:submit_direction",
    },
    "approval_of_kurs": {"form": "networks:approve_direction"},
    "approvers": {"read": "networks:approvals"},
    "status": {"read": "netvaerk:status netvaerk:status_print"},
    "own_thing": {
        "form": "meetings:reflection_note meetings:delete_reflection_note",
        "act": "account_end_session",
    },
    "nobody": {"read": "meetings:meeting@planned_meeting"},
}

# Where more may read than send: address -> (who reads, who sends).
READ_AND_SENT = {
    "meetings:rotation": ("room", "coordinator"),
    "networks:consultation": ("asked_in_hearing", "answer_in_hearing"),
    "netvaerk:followup_limits": ("hr", "hr_admin"),
}

# Doors where what is answered is no matter of roles: how one signs in, and how the house itself feels. The first ask
# nobody to sign in, the second everybody; behind the third stands a passkey of somebody else.
OPEN_ANYHOW = """
    account_inactive account_login account_logout account_reset_password account_reset_password_done
    account_reset_password_from_key account_reset_password_from_key_done account_signup mfa_authenticate
    mfa_login_webauthn netvaerk:health_ready openid_connect_callback openid_connect_login saml_acs saml_finish_acs
    saml_login saml_metadata saml_sls socialaccount_login_cancelled
"""
SIGNED_IN_ANYHOW = """
    account_change_password account_end_all_sessions account_reauthenticate account_set_password mfa_activate_totp
    mfa_add_webauthn mfa_deactivate_totp mfa_download_recovery_codes mfa_generate_recovery_codes mfa_index
    mfa_list_webauthn mfa_reauthenticate mfa_reauthenticate_webauthn mfa_view_recovery_codes
"""
ANOTHERS_KEY = "mfa_edit_webauthn mfa_remove_webauthn"
ONLY_IN_DEBUG = "mailbox mailbox_letter"


def kinds() -> dict[str, dict[str, str]]:
    """Kind of door -> column -> answer."""
    rows = [line.split() for line in KINDS.splitlines() if line.strip() and not line.startswith("#")]
    columns = rows[0]
    found = {}
    for kind, *answers in rows[1:]:
        assert kind not in found, f"{kind} stands twice"
        assert set(answers) <= set(ANSWERS), kind
        found[kind] = dict(zip(columns, [*answers, "login"][: len(columns)], strict=True))
    return found


def doors() -> dict[str, dict[str, str]]:
    """Address -> method -> kind of door; a method that is not there is answered by 405."""
    found = {}
    for kind, by_method in DOORS.items():
        for way, names in by_method.items():
            methods = {"read": ["GET"], "form": ["GET", "POST"], "act": ["POST"]}[way]
            for name in names.split():
                assert name not in found, f"{name} stands twice"
                found[name] = dict.fromkeys(methods, kind)
    for name, (reads, sends) in READ_AND_SENT.items():
        assert name not in found, f"{name} stands twice"
        found[name] = {"GET": reads, "POST": sends}
    return found


def routes_with_a_row() -> set[str]:
    """Every address the table answers for."""
    others = " ".join((OPEN_ANYHOW, SIGNED_IN_ANYHOW, ANOTHERS_KEY, ONLY_IN_DEBUG)).split()
    return {name.partition("@")[0] for name in doors()} | set(others)


def public() -> set[str]:
    """Every address that asks nobody to sign in."""
    kind = kinds()
    found = {name for name, methods in doors().items() for door in methods.values() if kind[door]["signed_out"] == "ok"}
    return found | set(f"{OPEN_ANYHOW} {ONLY_IN_DEBUG}".split())
