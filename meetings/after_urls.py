"""What comes of a meeting: agreements, its closing, one's own log, the group's cards. Part of `meetings.urls`."""

from django.urls import path

from meetings.models import Agreement
from meetings.views import agreements, closing, learning, reflection

closings = [
    path("moeder/<int:pk>/afslut/", closing.close, name="close"),
    path("moeder/<int:pk>/genaabn/", closing.reopen, name="reopen"),
]

all_agreements = [
    path("netvaerk/<slug:slug>/aftaler/", agreements.agreements, name="agreements"),
    path("moeder/<int:pk>/aftaler/ny/", agreements.new_agreement, name="new_agreement"),
    path("netvaerk/<slug:slug>/aftaler/<int:pk>/ret/", agreements.change_agreement, name="change_agreement"),
    *(
        path(f"netvaerk/<slug:slug>/aftaler/<int:pk>/{word}/", agreements.settle_agreement, {"state": state}, name=name)
        for word, state, name in (
            ("gjort", Agreement.State.DONE, "agreement_done"),
            ("bortfald", Agreement.State.DROPPED, "agreement_dropped"),
            ("genoptag", Agreement.State.OPEN, "agreement_resumed"),
        )
    ),
]

log = [
    path("refleksion/", reflection.reflection_log, name="reflection_log"),
    path("refleksion/ny/", reflection.new_reflection_note, name="new_reflection_note"),
    path("refleksion/<int:pk>/", reflection.reflection_note, name="reflection_note"),
    path("refleksion/<int:pk>/slet/", reflection.delete_reflection_note, name="delete_reflection_note"),
    path("refleksion/slet-alt/", reflection.erase_reflection_log, name="erase_reflection_log"),
    path(
        "refleksion/hent/refleksionslog.<str:form>", reflection.download_reflection_log, name="download_reflection_log"
    ),
]

cards = [
    path("netvaerk/<slug:slug>/erfaringer/", learning.learning_cards, name="learning_cards"),
    path("netvaerk/<slug:slug>/erfaringer/ny/", learning.new_learning_card, name="new_learning_card"),
    path("netvaerk/<slug:slug>/erfaringer/<int:pk>/", learning.learning_card, name="learning_card"),
    path("netvaerk/<slug:slug>/erfaringer/<int:pk>/ret/", learning.change_learning_card, name="change_learning_card"),
    path("netvaerk/<slug:slug>/erfaringer/<int:pk>/slet/", learning.delete_learning_card, name="delete_learning_card"),
]

urlpatterns = [*closings, *all_agreements, *log, *cards]
