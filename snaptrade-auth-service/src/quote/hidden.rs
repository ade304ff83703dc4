//! Characters that cannot be seen, and change what is seen.

/// Whether a character is a control character, ends a line, sets the direction of text, or is invisible.
///
/// Spaces of all widths are none of these, nor are letters and marks of any script.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Soft hyphen, and joiners and fillers that take no room.
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            // Arabic and Syriac number and letter marks.
            | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
            // Mongolian variation selectors and the vowel separator.
            | '\u{180b}'..='\u{180f}'
            // Zero width, directions, line and paragraph separators, embeddings, invisible operators, isolates.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // Variation selectors, byte order mark, interlinear annotation.
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            // Format characters of further scripts, of shorthand and of music.
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            // Tags, and more variation selectors.
            | '\u{e0000}'..='\u{e0fff}')
}
