/** See `noojee.call._dial_word`: what stands for a number that the user may not see. */
const STAND_IN = "noojee:";

/** @param {string} number or the word that stands for it */
export function isNumberHidden(number) {
    return number.startsWith(STAND_IN);
}

/** With so many digits a number is whole: letters behind it are a remark. */
const WHOLE = 7;

/** Digits of other scripts follow each other from zero, as ours do. */
function asOurs(digit) {
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(digit.codePointAt(0) - value - 1))) {
        value++;
    }
    return String(value);
}

/**
 * What the computer's own phone program is opened with.
 *
 * @param {string} number as a person wrote it
 */
export function telAddress(number) {
    const text = number
        .normalize("NFKC")
        .replace(/\p{Nd}/gu, asOurs)
        .replace(/^\s*(tel|callto|sms):/i, "");
    // an extension, a remark: as digits they would make another number
    const [beforeWords] = text.split(/(?<=\d[\W_]*)[\p{L};]/u);
    const isWhole = beforeWords.replace(/\D/g, "").length >= WHOLE;
    const dialled = (isWhole ? beforeWords : text).replace(/[^\p{L}\d+*#]/gu, "");
    return `tel:${dialled.replaceAll("#", "%23")}`;
}
