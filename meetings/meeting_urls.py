"""Addresses of what is inside a meeting. Part of `meetings.urls`."""

from django.urls import path

from meetings.agenda import DOWN, UP
from meetings.views import agenda

urlpatterns = [
    path("moeder/<int:pk>/tema/", agenda.theme, name="theme"),
    path("moeder/<int:pk>/dagsorden/", agenda.agenda, name="agenda"),
    path("moeder/<int:pk>/dagsorden/tilpas/", agenda.lay_out_agenda, name="lay_out_agenda"),
    path("moeder/<int:pk>/dagsorden/nyt/", agenda.new_agenda_item, name="new_agenda_item"),
    path("moeder/<int:pk>/dagsorden/<int:item>/", agenda.change_agenda_item, name="change_agenda_item"),
    path("moeder/<int:pk>/dagsorden/<int:item>/op/", agenda.move_agenda_item, {"step": UP}, name="agenda_item_up"),
    path("moeder/<int:pk>/dagsorden/<int:item>/ned/", agenda.move_agenda_item, {"step": DOWN}, name="agenda_item_down"),
    path("moeder/<int:pk>/dagsorden/<int:item>/fjern/", agenda.remove_agenda_item, name="remove_agenda_item"),
]
