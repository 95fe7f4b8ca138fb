"""Addresses of the feedback room; included by meetings.urls."""

from django.urls import path

from meetings.views import feedback as views
from meetings.views import feedback_theme as theme_views
from meetings.views import question_sets as set_views

urlpatterns = [
    path("netvaerk/<slug:slug>/feedback/", views.feedback, name="feedback"),
    path("netvaerk/<slug:slug>/feedback/ny/", views.new_feedback_round, name="new_feedback_round"),
    path("netvaerk/<slug:slug>/feedback/rytme/", views.feedback_schedule, name="feedback_schedule"),
    path("netvaerk/<slug:slug>/feedback/tema/nyt/", theme_views.new_theme_feedback, name="new_theme_feedback"),
    path("netvaerk/<slug:slug>/feedback/tema/<int:pk>/", theme_views.theme_feedback, name="theme_feedback"),
    path(
        "netvaerk/<slug:slug>/feedback/tema/<int:pk>/del/",
        theme_views.share_theme_feedback,
        name="share_theme_feedback",
    ),
    path(
        "netvaerk/<slug:slug>/feedback/tema/<int:pk>/slet/",
        theme_views.withdraw_theme_feedback,
        name="withdraw_theme_feedback",
    ),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/opsummering/", views.season_summary, name="season_summary"),
    path("feedback/spoergsmaal/", set_views.question_sets, name="question_sets"),
    path("feedback/spoergsmaal/<str:kind>/", set_views.edit_questions, name="edit_questions"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/", views.feedback_round, name="feedback_round"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/del/", views.share_feedback, name="share_feedback"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/forlaeng/", views.extend_feedback, name="extend_feedback"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/slet/", views.drop_feedback, name="drop_feedback"),
]
