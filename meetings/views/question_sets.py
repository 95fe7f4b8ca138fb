"""The standard questions: read by HR, kept by HR administrators."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from meetings import question_versions, questions
from meetings.models import QuestionVersion
from meetings.question_forms import QuestionVersionForm
from members.permissions import hr_administrators_only, hr_only
from networks.views.confirm import posted
from networks.views.saving import save_over


@require_safe
@hr_only
def question_sets(request):
    """What is asked now, and who has changed it when."""
    return render(
        request,
        "meetings/feedback_questions.html",
        {
            "sets": [(kind, questions.current(kind)) for kind in questions.SHIPPED],
            "versions": QuestionVersion.objects.select_related("created_by").order_by("-created_at", "-pk")[:20],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def edit_questions(request, kind):
    if kind not in questions.SHIPPED:
        raise Http404
    current = questions.current(kind)
    form = QuestionVersionForm(
        posted(request),
        shipped=questions.SHIPPED[kind],
        current=current,
        before=question_versions.latest(kind),
    )

    def publish(**_fields):
        return question_versions.publish(kind, actor=request.user, now=timezone.now(), **form.answers())

    saving = save_over(form, publish)
    if saving.is_done:
        messages.success(request, _("Den nye udgave gælder for de runder, der bliver planlagt fra nu af."))
        return redirect("meetings:question_sets")
    context = {"form": form, "set": current} | saving.shown
    return render(request, "meetings/feedback_questions_edit.html", context, status=saving.status)
