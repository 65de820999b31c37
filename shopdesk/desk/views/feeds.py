"""数据更新: per store and kind, what told it, how old it is, and where files are dropped."""

from flask import current_app, render_template

from shopdesk.core.permissions import Permission
from shopdesk.desk.queries.feeds import feeds_by_store
from shopdesk.desk.views import bp
from shopdesk.desk.views.frame import here
from shopdesk.desk.views.words import LEVELS
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs


@bp.get("/feeds")
@needs(Permission.FEED_READ)
def feeds() -> str:
    return render_template(
        "feeds/feeds.html",
        shops=feeds_by_store(here()),
        levels=LEVELS,
        most_mb=current_app.config["MAX_UPLOAD_BYTES"] // 1024**2,
        new_key=new_key,
        may_import=actor().has_anywhere(Permission.IMPORT_WRITE),
    )
