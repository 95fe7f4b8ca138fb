"""Addresses of meetings: Danish paths, English route names."""

from django.urls import path

from meetings import after_urls, feedback_urls, meeting_urls
from meetings.views import (
    calendar,
    closed_periods,
    date_poll,
    meeting,
    mine,
    moving_rule,
    plan,
    plan_export,
    reminders,
    reply_link,
    year,
)

app_name = "meetings"

my_meetings = [
    path("moeder/", mine.mine, name="mine"),
    path("moeder/aarshjul/", year.my_year, name="my_year"),
    path("moeder/uger/", year.my_weeks, name="my_weeks"),
]

one_meeting = [
    path("moeder/<int:pk>/", meeting.meeting, name="meeting"),
    path("moeder/<int:pk>/svar/", meeting.reply, name="reply"),
    path("moeder/svar/<str:token>/", reply_link.reply_link, name="reply_link"),
    path("moeder/<int:pk>/flyt/", meeting.move, name="move"),
    path("moeder/<int:pk>/udsaet/", meeting.postpone, name="postpone"),
    path("moeder/<int:pk>/sted/", meeting.change_place, name="change_place"),
    path("moeder/<int:pk>/aflys/", meeting.cancel, name="cancel"),
    path("moeder/<int:pk>/fremmoede/", meeting.record_attendance, name="record_attendance"),
    path("moeder/<int:pk>/kalender.ics", meeting.download_ics, name="download_ics"),
]

season = [
    path("netvaerk/<slug:slug>/moeder/", plan.plan_list, name="plan_list"),
    path("netvaerk/<slug:slug>/moeder/paamindelser/", reminders.choose, name="reminders"),
    path("netvaerk/<slug:slug>/moeder/aarshjul/", year.network_year, name="network_year"),
    path("netvaerk/<slug:slug>/moeder/ny-plan/", plan.new_plan, name="new_plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/", plan.plan, name="plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/udskriv/", plan_export.print_plan, name="print_plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/kalender.ics", plan_export.plan_ics, name="plan_ics"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/rytme/", plan.edit_season, name="edit_season"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/offentliggoer/", plan.publish_plan, name="publish_plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/kasser/", plan.discard_plan, name="discard_plan"),
]

feeds = [
    path("kalender/abonnement/", calendar.subscription, name="subscription"),
    path("kalender/<str:token>.ics", calendar.feed, name="feed"),
]

another_date = [
    path("moeder/<int:pk>/ny-dato/", date_poll.new_date, name="new_date"),
    path("moeder/<int:pk>/ny-dato/svar/", date_poll.answer_new_date, name="answer_new_date"),
    path("moeder/<int:pk>/ny-dato/<int:candidate>/vaelg/", date_poll.pick_new_date, name="pick_new_date"),
    path("moeder/<int:pk>/ny-dato/opgiv/", date_poll.drop_date_poll, name="drop_date_poll"),
]

rule_for_moving = [
    path("netvaerk/<slug:slug>/moeder/flytteregel/", moving_rule.moving_rule, name="moving_rule"),
    path(
        "netvaerk/<slug:slug>/moeder/flytteregel/enig/", moving_rule.agree_to_moving_rule, name="agree_to_moving_rule"
    ),
]

closed_days = [
    path("lukkedage/", closed_periods.closed_periods, name="closed_periods"),
    path("lukkedage/ny/", closed_periods.new_closed_period, name="new_closed_period"),
    path("lukkedage/<int:pk>/", closed_periods.closed_period, name="closed_period"),
    path("lukkedage/<int:pk>/slet/", closed_periods.remove_closed_period, name="remove_closed_period"),
]

urlpatterns = [
    *feeds,
    *my_meetings,
    *one_meeting,
    *season,
    *closed_days,
    *another_date,
    *rule_for_moving,
    *meeting_urls.urlpatterns,
    *feedback_urls.urlpatterns,
    *after_urls.urlpatterns,
]
