"""The forms of signing in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length


class SignInForm(FlaskForm):
    login = StringField(_("Name"), [InputRequired(_("Please fill this in.")), Length(max=64)])
    password = PasswordField(_("Password"), [InputRequired(_("Please fill this in.")), Length(max=200)])


class PasswordForm(FlaskForm):
    password = PasswordField(_("New password"), [InputRequired(_("Please fill this in.")), Length(max=200)])
    again = PasswordField(
        _("The same again"), [InputRequired(_("Please fill this in.")), EqualTo("password", _("The two differ."))]
    )
