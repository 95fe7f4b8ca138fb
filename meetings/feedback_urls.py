"""Addresses of the feedback room; included by meetings.urls."""

from django.urls import path

from meetings import feedback_views as views

urlpatterns = [
    path("netvaerk/<slug:slug>/feedback/", views.feedback, name="feedback"),
    path("netvaerk/<slug:slug>/feedback/ny/", views.new_feedback_round, name="new_feedback_round"),
    path("netvaerk/<slug:slug>/feedback/rytme/", views.feedback_schedule, name="feedback_schedule"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/", views.feedback_round, name="feedback_round"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/del/", views.share_feedback, name="share_feedback"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/forlaeng/", views.extend_feedback, name="extend_feedback"),
    path("netvaerk/<slug:slug>/feedback/<int:pk>/slet/", views.drop_feedback, name="drop_feedback"),
]
