export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

/**
 * Plays the legs of a recording one after the other on one audio element. Positions are
 * seconds from the recording's beginning, the gaps between the legs included.
 *
 * @typedef {{id: number, number: number, url: string, start: number, seconds: number,
 *  title: string, is_stored: boolean, reason: string}} Track see `get_player`
 */
export class Playback {
    isPlaying = false;
    isLoading = false;
    hasFailed = false;
    position = 0;
    speed = 1;

    seconds = 0;
    tracks = [];
    track = undefined;

    /**
     * @param {Track[]} tracks
     * @param {number} seconds of the whole
     */
    take(tracks, seconds) {
        this.tracks = tracks.filter((track) => track.is_stored);
        this.seconds = seconds;
    }

    /** @param {HTMLAudioElement} audio */
    attach(audio) {
        this.audio = audio;
    }

    get canPlay() {
        return this.tracks.length > 0;
    }

    async play() {
        if (!this.track) {
            this.load(this.trackAt(this.position) ?? this.tracks[0]);
        }
        this.hasFailed = false;
        this.isPlaying = true;
        this.audio.playbackRate = this.speed;
        try {
            await this.audio.play();
        } catch (error) {
            // another leg was chosen meanwhile: that one plays
            if (error.name !== "AbortError") {
                this.fail();
            }
        }
    }

    pause() {
        this.isPlaying = false;
        this.audio.pause();
    }

    toggle() {
        return this.isPlaying ? this.pause() : this.play();
    }

    /** @param {number} speed one of `SPEEDS` */
    setSpeed(speed) {
        this.speed = speed;
        this.audio.playbackRate = speed;
    }

    /** Nothing was recorded in a gap: there it goes on with what comes next. */
    seek(position) {
        this.position = Math.min(Math.max(position, 0), this.seconds);
        const track = this.trackAt(this.position);
        if (!track) {
            this.end();
            return;
        }
        this.position = Math.max(this.position, track.start);
        const time = this.position - track.start;
        if (track.id === this.track?.id) {
            this.audio.currentTime = time;
        } else {
            this.load(track, time);
            if (this.isPlaying) {
                this.play();
            }
        }
    }

    /** The leg at a position, or the next one after it. */
    trackAt(position) {
        return this.tracks.find((track) => position < track.start + track.seconds);
    }

    load(track, time = 0) {
        this.track = track;
        this.isLoading = true;
        this.position = track.start + time;
        this.audio.src = track.url;
        // kept until it is loaded: also where the one before was to begin
        this.audio.currentTime = time;
        this.audio.playbackRate = this.speed;
    }

    // === WHAT THE AUDIO ELEMENT TELLS === #

    onTime() {
        if (this.track) {
            const heard = Math.min(this.audio.currentTime, this.track.seconds);
            this.position = this.track.start + heard;
        }
    }

    onReady() {
        this.isLoading = false;
    }

    onEnded() {
        const next = this.tracks[this.tracks.findIndex(({ id }) => id === this.track.id) + 1];
        if (next) {
            this.load(next);
            this.play();
        } else {
            this.end();
        }
    }

    onError() {
        // an element without a source complains as well
        if (this.track) {
            this.fail();
        }
    }

    end() {
        this.audio.pause();
        this.isPlaying = false;
        this.track = undefined;
        this.position = 0;
    }

    fail() {
        this.isPlaying = false;
        this.isLoading = false;
        this.hasFailed = true;
        this.track = undefined;
    }
}
