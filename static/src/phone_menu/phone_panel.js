import {
    Component,
    EventBus,
    onMounted,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CallCard } from "@noojee/call_card/call_card";
import { DeskPicker } from "@noojee/desk_picker/desk_picker";
import { IncomingCard } from "@noojee/incoming_card/incoming_card";
import { Keypad } from "@noojee/keypad/keypad";
import { PartySearch } from "@noojee/party_search/party_search";
import { formatMoment } from "@noojee/phone/call_words";
import { useTabCircle } from "@noojee/phone/tab_circle";
import { PopSettings } from "@noojee/pop_settings/pop_settings";
import { RecentCalls } from "@noojee/recent_calls/recent_calls";
import { ToCall } from "@noojee/to_call/to_call";

const LONGEST_TERM = 200;

/** The user's phone: his line, what runs, whom to call, what was. */
export class PhonePanel extends Component {
    static template = "noojee.PhonePanel";
    static components = {
        CallCard,
        DeskPicker,
        IncomingCard,
        Keypad,
        PartySearch,
        PopSettings,
        RecentCalls,
        ToCall,
    };
    static props = { close: Function };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.liveLine = useState(useService("bus.monitoring_service"));
        this.query = useState({ term: "", bus: new EventBus() });
        this.state = useState({
            tab: this.phone.toCall.length ? "to_call" : "recent",
            isChoosingDesk: false,
        });
        this.noRecentWords = _t(
            "No calls yet. Write a name or a number above, or press Call on a contact, a lead or an order."
        );
        this.noMissedWords = _t("No missed calls. Whoever could not reach you stands here.");
        useEffect(
            () => this.seeMissed(),
            () => [this.isMissedShown, this.phone.missedCount]
        );
        useExternalListener(document, "visibilitychange", () => this.seeMissed());
        this.onKeydown = useTabCircle("root");
        const root = useRef("root");
        // the search takes the focus before the menu around the panel looks where it was
        const focusedBefore = document.activeElement;
        // not before: a panel that is drawn anew while it opens is set up twice
        onMounted(() => {
            this.phone.setPanelOpen(true);
            // what waits for an answer comes before the search
            root.el.querySelector(".o_noojee_answer:enabled, .o_noojee_wrap_up")?.focus();
        });
        onWillUnmount(() => {
            this.phone.setPanelOpen(false);
            if (root.el.contains(document.activeElement)) {
                focusedBefore.focus();
            }
        });
    }

    get tabs() {
        return [
            { key: "to_call", name: _t("To call"), count: this.phone.toCallCount },
            { key: "recent", name: _t("Recent"), count: 0 },
            {
                key: "missed",
                name: _t("Missed"),
                count: this.phone.missedCount,
                color: "text-bg-danger",
            },
            { key: "keys", name: _t("Keys"), count: 0 },
        ];
    }

    get deskTitle() {
        return _t("Desk %s", this.phone.line.number);
    }

    get awayWords() {
        const since = formatMoment(this.phone.away.since);
        return _t(
            "The phone system has not answered since %s. Your desk phone may still work; calls appear here when it is back.",
            since
        );
    }

    get nextTryWords() {
        const retryAt = Date.parse(this.phone.away.retry_at);
        const seconds = Math.ceil((retryAt - this.phone.now) / 1000);
        return seconds > 0 ? _t("Next try in %s s.", seconds) : _t("Trying again…");
    }

    /** While a call runs, it stands in place of the tabs. */
    get hasTabs() {
        return this.phone.isLoaded && !this.phone.calls.length;
    }

    get isMissedShown() {
        return this.hasTabs && this.state.tab === "missed";
    }

    seeMissed() {
        if (this.isMissedShown && !document.hidden) {
            this.phone.markMissedSeen();
        }
    }

    onTabKeydown(ev) {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        const tabs = [...ev.currentTarget.querySelectorAll("[role=tab]")];
        const at = tabs.indexOf(ev.target);
        const next = tabs[(at + step + tabs.length) % tabs.length];
        next.focus();
        next.click();
    }

    write(text) {
        this.query.term = (this.query.term + text).slice(0, LONGEST_TERM);
        this.query.bus.trigger("written");
    }

    erase() {
        this.query.term = this.query.term.slice(0, -1);
        this.query.bus.trigger("written");
    }
}
