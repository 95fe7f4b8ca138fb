"""What the members own, under their network's address. Part of `networks.urls`."""

from django.urls import path

from networks.views import charter, goals

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
]
