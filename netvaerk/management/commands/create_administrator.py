"""The first person in: everyone after them comes from HR's list or is given a role."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from members import audit
from members.fields import clean_email
from members.models import Role, RoleAssignment, RoleChange, User


class Command(BaseCommand):
    help = (
        "Create an HR administrator, or give the role to someone who is here already. They choose their own password."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("first_name")
        parser.add_argument("last_name")

    @transaction.atomic
    def handle(self, *args, email, first_name, last_name, **options):
        try:
            email = clean_email(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email, first_name=first_name, last_name=last_name)
        assignment, is_new = RoleAssignment.objects.get_or_create(user=user, role=Role.HR_ADMIN)
        if is_new:
            now = timezone.now()
            audit.record(None, "gave HR administrator", assignment, now=now)
            RoleChange.objects.create(
                person=user, act=RoleChange.Act.GIVEN, role=Role.HR_ADMIN, reason="create_administrator", changed_at=now
            )
        self.stdout.write(f"{user.email} er HR-administrator og vælger selv en adgangskode med “Glemt adgangskode”.")
