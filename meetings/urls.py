"""Addresses of meetings: Danish paths, English route names."""

from django.urls import path

from meetings import feedback_urls, views

app_name = "meetings"

mine = [
    path("moeder/", views.mine, name="mine"),
]

meeting = [
    path("moeder/<int:pk>/", views.meeting, name="meeting"),
    path("moeder/<int:pk>/svar/", views.reply, name="reply"),
    path("moeder/<int:pk>/tema/", views.theme, name="theme"),
    path("moeder/<int:pk>/flyt/", views.move, name="move"),
    path("moeder/<int:pk>/sted/", views.change_place, name="change_place"),
    path("moeder/<int:pk>/aflys/", views.cancel, name="cancel"),
    path("moeder/<int:pk>/fremmoede/", views.record_attendance, name="record_attendance"),
    path("moeder/<int:pk>/kalender.ics", views.download_ics, name="download_ics"),
]

plan = [
    path("netvaerk/<slug:slug>/moeder/", views.plan_list, name="plan_list"),
    path("netvaerk/<slug:slug>/moeder/ny-plan/", views.new_plan, name="new_plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/", views.plan, name="plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/rytme/", views.edit_season, name="edit_season"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/offentliggoer/", views.publish_plan, name="publish_plan"),
    path("netvaerk/<slug:slug>/moeder/plan/<int:pk>/kasser/", views.discard_plan, name="discard_plan"),
]

subscription = [
    path("kalender/abonnement/", views.subscription, name="subscription"),
    path("kalender/<str:token>.ics", views.feed, name="feed"),
]

urlpatterns = [*mine, *meeting, *plan, *subscription, *feedback_urls.urlpatterns]
