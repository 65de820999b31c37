// Starts the small modules. Each page works without them; they save clicks.
import "desk/dialog";
import "desk/copy";
import "desk/keys";
import "desk/paste";
import "desk/scan";
import "desk/meter";
import "desk/draft";
import "desk/once";
import "desk/drop";
import "desk/enter";
import "desk/refused";
import "desk/pick";
import { startToasts } from "desk/toast";

startToasts();
