"""What the members own, under their network's address. Part of `networks.urls`."""

from django.urls import path

from networks.views import charter, goals, personal_goals, policy, support, upward

urlpatterns = [
    # The members' charter
    path("netvaerk/<slug:slug>/aftale/", charter.charter, name="charter"),
    path("netvaerk/<slug:slug>/aftale/foreslaa/", charter.propose_charter, name="propose_charter"),
    path("netvaerk/<slug:slug>/aftale/vis-spilleregler/", charter.show_ground_rules, name="show_ground_rules"),
    path("netvaerk/<slug:slug>/aftale/skjul-spilleregler/", charter.hide_ground_rules, name="hide_ground_rules"),
    path("netvaerk/<slug:slug>/aftale/<int:pk>/", charter.charter_version, name="charter_version"),
    path("netvaerk/<slug:slug>/aftale/<int:pk>/ret/", charter.change_charter, name="change_charter"),
    path("netvaerk/<slug:slug>/aftale/<int:pk>/ja/", charter.consent_to_charter, name="consent_to_charter"),
    path("netvaerk/<slug:slug>/aftale/<int:pk>/indvending/", charter.object_to_charter, name="object_to_charter"),
    path("netvaerk/<slug:slug>/aftale/<int:pk>/traek-tilbage/", charter.withdraw_charter, name="withdraw_charter"),
    # Their goals
    path("netvaerk/<slug:slug>/maal/", goals.goals, name="goals"),
    path("netvaerk/<slug:slug>/maal/nyt/", goals.new_goal, name="new_goal"),
    path("netvaerk/<slug:slug>/maal/<int:pk>/ret/", goals.change_goal, name="change_goal"),
    path("netvaerk/<slug:slug>/maal/<int:pk>/status/", goals.assess_goal, name="assess_goal"),
    path("netvaerk/<slug:slug>/maal/<int:pk>/slet/", goals.drop_goal, name="drop_goal"),
    # Upward, by choice
    path("netvaerk/<slug:slug>/stoette/", support.network_support, name="network_support"),
    path("netvaerk/<slug:slug>/stoette/ny/", support.request_support, name="request_support"),
    path("stoette/", support.support_requests, name="support_requests"),
    path("stoette/<int:pk>/", support.support_request, name="support_request"),
    path("stoette/<int:pk>/tag-op/", support.take_up_support, name="take_up_support"),
    path("netvaerk/<slug:slug>/budskab/", upward.management_messages, name="management_messages"),
    path("netvaerk/<slug:slug>/budskab/nyt/", upward.new_management_message, name="new_management_message"),
    path(
        "netvaerk/<slug:slug>/budskab/<int:pk>/ret/", upward.change_management_message, name="change_management_message"
    ),
    path("netvaerk/<slug:slug>/budskab/<int:pk>/send/", upward.send_management_message, name="send_management_message"),
    path("netvaerk/<slug:slug>/budskab/<int:pk>/slet/", upward.drop_management_message, name="drop_management_message"),
    path("budskaber/<int:pk>/svar/", policy.reply_to_management_message, name="reply_to_management_message"),
    path("politik/", policy.policy_drafts, name="policy_drafts"),
    path("politik/ny/", policy.new_policy_draft, name="new_policy_draft"),
    path("politik/<int:pk>/", policy.policy_draft, name="policy_draft"),
    # One member's own
    path("netvaerk/<slug:slug>/mine-maal/", personal_goals.personal_goals, name="personal_goals"),
    path("netvaerk/<slug:slug>/mine-maal/ret/", personal_goals.write_personal_goals, name="write_personal_goals"),
    path(
        "netvaerk/<slug:slug>/mine-maal/tilbageblik/",
        personal_goals.look_back_on_personal_goals,
        name="look_back_on_personal_goals",
    ),
]
