using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>Figures made with Python 3.11 (html.unescape, str.lower) and ftfy 6.3.1 (fix_text).</summary>
public class TokenizerTextTests
{
    static readonly (string Input, string Expected)[] References =
    [
        ("&", "&"), ("&&", "&&"), ("&;", "&;"), ("&#", "&#"), ("&#;", "&#;"), ("&#x", "&#x"), ("&#x;", "&#x;"), ("&#xg;", "&#xg;"),
        ("&#X41", "A"), ("&#x41;", "A"), ("&#65", "A"), ("&#65;", "A"), ("&#065x", "Ax"), ("&#0;", "\uFFFD"), ("&#00", "\uFFFD"),
        ("&#1;", ""), ("&#8;", ""), ("&#9;", "\u0009"), ("&#11;", ""), ("&#12;", "\u000C"), ("&#13;", "\r"), ("&#14;", ""), ("&#31;a", "a"),
        ("&#127;", ""), ("&#128;", "\u20AC"), ("&#129;", "\u0081"), ("&#x85", "\u2026"), ("&#146;s", "\u2019s"), ("&#159;", "\u0178"),
        ("&#160;", "\u00A0"), ("&#xd7ff;", "\uD7FF"), ("&#xD800;", "\uFFFD"), ("&#57343;", "\uFFFD"), ("&#xFDD0;", ""), ("&#xfdef", ""),
        ("&#xFDF0;", "\uFDF0"), ("&#xFFFE;", ""), ("&#65535;", ""), ("&#x1FFFE;", ""), ("&#x10FFFF;", ""), ("&#x10FFFD;", "\U0010FFFD"),
        ("&#1114112;", "\uFFFD"), ("&#99999999999999999999;", "\uFFFD"), ("&#xffffffffffffffffff", "\uFFFD"), ("&#38;amp;", "&amp;"),
        ("&#x26#65;", "&#65;"), ("&amp", "&"), ("&amp;", "&"), ("&AMP", "&"), ("&Amp;", "&Amp;"), ("&ampersand", "&ersand"),
        ("&amp;amp;lt;", "&amp;lt;"), ("&ampamp;", "&amp;"), ("&lt", "<"), ("&LT;", "<"), ("&lt;b&gt", "<b>"), ("&ltcc;", "\u2AA6"),
        ("&notit;", "\u00ACit;"), ("&notin;", "\u2209"), ("&notinva", "\u00ACinva"), ("&not", "\u00AC"), ("&no", "&no"),
        ("&copy2", "\u00A92"), ("&copysr;", "\u2117"), ("&COPY", "\u00A9"), ("&Copy;", "&Copy;"), ("&eacute", "é"), ("&eacutex;", "éx;"),
        ("&EACUTE;", "&EACUTE;"), ("&Eacute", "É"), ("&frac12cup", "\u00BDcup"), ("&frac1", "&frac1"), ("&frac13;", "\u2153"),
        ("&AElig", "Æ"), ("&aeliG;", "&aeliG;"), ("&thetasym;", "ϑ"), ("&thetasym", "&thetasym"), ("&there4;", "\u2234"),
        ("&there4", "&there4"), ("&there", "&there"), ("&CounterClockwiseContourIntegral;", "\u2233"),
        ("&CounterClockwiseContourIntegral", "&CounterClockwiseContourIntegral"),
        ("&CounterClockwiseContourIntegralX;", "&CounterClockwiseContourIntegralX;"), ("&NotEqualTilde;", "\u2242\u0338"),
        ("&bne;", "=\u20E5"), ("&fjlig;", "fj"), ("&ngE;", "\u2267\u0338"), ("&acE;", "\u223E\u0333"), ("&b.alpha;", "&b.alpha;"),
        ("&b.alpha", "&b.alpha"), ("&nbsp", "\u00A0"), ("&nbsp;x", "\u00A0x"), ("&shy;", "\u00AD"), ("&zwj;", "\u200D"),
        ("&Tab;", "\u0009"), ("&NewLine;", "\n"), ("&quot&apos;", "\"'"), ("&apos", "&apos"), ("&gt&lt&amp&quot", "><&\""), ("a&b", "a&b"),
        ("AT&T", "AT&T"), ("R&D", "R&D"), ("?a=1&copy=2&reg=3", "?a=1\u00A9=2\u00AE=3"), ("&sup2sub", "\u00B2sub"), ("&yuml", "ÿ"),
        ("&yumlaut", "ÿaut"), ("&para;&parallel;&paragraph;", "\u00B6\u2225\u00B6graph;"), ("&micro&middot&cedil", "µ\u00B7\u00B8"),
        ("&ordfordm", "ªordm"), ("&hearts", "&hearts"), ("&hearts;", "\u2665"), ("&Hat;", "^"), ("&é;", "&é;"), ("&amép", "&amép"),
        ("&amp\u00A0", "&\u00A0"), ("& amp;", "& amp;"), ("&\u0009amp", "&\u0009amp"), ("&#\u0664;", "&#\u0664;"),
        ("&amp;#x1F600;", "&#x1F600;"), ("&pound100", "\u00A3100"), ("&timesbar", "\u00D7bar"), ("&timesb;", "\u22A0"),
        ("&times", "\u00D7"), ("&divide", "\u00F7"), ("&divideontimes;", "\u22C7"), ("&uml", "\u00A8"), ("&umlaut", "\u00A8aut"),
        ("&degC", "\u00B0C"), ("&deg", "\u00B0"), ("&para", "\u00B6"), ("&sectio", "\u00A7io"), ("&ETH", "Ð"), ("&ETHx", "Ðx"),
        ("&eth;", "ð"), ("&THORN", "Þ"), ("&xn--", "&xn--"), ("&Ø", "&Ø"), ("&sumx;", "&sumx;"), ("&in;", "\u2208"), ("&int;", "\u222B"),
        ("&or", "&or"), ("&or;", "\u2228"), ("&ac;", "\u223E"), ("&x;", "&x;"),
    ];

    static readonly (string Input, string Expected)[] Repairs =
    [
        ("schÃ\u00B6n", "schön"),
        ("â\u20AC\u0153quotesâ\u20AC\u009D", "\"quotes\""),
        ("â\u0153\u201D No problems", "\u2714 No problems"),
        ("&macr;\\_(ã\u0083\u0084)_/&macr;", "\u00AF\\_(ツ)_/\u00AF"),
        ("Broken text&hellip; it&#x2019;s \uFB02ubberi\uFB01c!", "Broken text\u2026 it's flubberific!"),
        ("\uFF2C\uFF2F\uFF35\uFF24\u3000\uFF2E\uFF2F\uFF29\uFF33\uFF25\uFF33", "LOUD NOISES"),
        ("\uFF35\uFF80\uFF70\uFF9D \uFF76\uFF9E", "Uタ\u30FCン ガ"),
        ("P&EACUTE;REZ &SZLIG; &nTILDE; &NAPOS; &IMATH;", "PÉREZ SS &nTILDE; 'N I"),
        ("<b> &eacute; &amp;", "<b> &eacute; &amp;"),
        ("a\n<i>\n&eacute;", "a\n<i>\n&eacute;"),
        ("&eacute;\n<i> &eacute;", "é\n<i> &eacute;"),
        ("voilÃ le travail", "voilà le travail"),
        ("Ã la mode", "à la mode"),
        ("Ã s vezes", "às vezes"),
        ("Ã quele dia", "àquele dia"),
        ("â\u20AC\u0153 like this â\u20AC\uFFFD", "\" like this \uFFFD"),
        ("Ã\uFFFD", "\uFFFD"),
        ("l\u2019humanitÃ\u00A9", "l'humanité"),
        ("It\u2019s cafÃ\u00A9 time â\u20AC\u201D yes", "It's café time \u2014 yes"),
        ("Â\u00A35 Â\u00A9", "\u00A35 \u00A9"),
        ("aÂ b", "a\u00A0b"),
        ("Ã\u00A9Ã\u00A8", "éè"),
        ("Ã\u0192Â\u00A9", "é"),
        ("Ã\u0083Â\u00A9", "é"),
        ("РџСЂРёРІРµС\u201A", "Привет"),
        ("вЂњhiвЂќ", "\"hi\""),
        ("Î\u2018Î\u00B2Î\u00B3", "Αβγ"),
        ("Ο\u0192Ο", "Ο\u0192Ο"),
        ("Ð\u009FÑ\u0080Ð\u00B8Ð\u00B2ÐµÑ\u0082", "Привет"),
        ("Ø\u00B3Ù\u201EØ\u00A7Ù\u2026", "\u0633\u0644\u0627\u0645"),
        ("à\u00A4\u00B9à\u00A4\u00BF", "\u0939\u093F"),
        ("\u221A\u00A9t\u221A\u00A9", "été"),
        ("\u201AÄúhi\u201AÄù", "\"hi\""),
        ("\u251C\u2310t\u251C\u2310", "été"),
        ("\u0192Ä", "Ā"),
        ("ð\u009F\u0098\u0080", "\U0001F600"),
        ("ð\u0178\u02DC\u20AC", "\U0001F600"),
        ("í\u00A0\u00BDí\u00B8\u0080", "\U0001F600"),
        ("í \u00BDí\u00B8\u20AC", "í \u00BDí\u00B8\u20AC"),
        ("À\u0080a é", "À\u20ACa é"),
        ("\u0153uvre", "\u0153uvre"),
        ("\u0152 uvre", "\u0152 uvre"),
        ("Ã\u0153ber Å\u00A1", "Über \u0161"),
        ("naïve café", "naïve café"),
        ("\u00A9 2020 \u00AE", "\u00A9 2020 \u00AE"),
        ("\u00BD \u00D7 \u00B2 \u00B0", "\u00BD \u00D7 \u00B2 \u00B0"),
        ("(\u256F\u00B0\u25A1\u00B0)\u256F\uFE35 \u253B\u2501\u253B", "(\u256F\u00B0\u25A1\u00B0)\u256F\uFE35 \u253B\u2501\u253B"),
        ("\u2502Ò", "\u2502Ò"),
        ("x\u00B2\u00B3", "x\u00B2\u00B3"),
        ("5 \u20AC \u00A1", "5 \u20AC \u00A1"),
        ("\u0092s \u0085 \u0080 \u0081", "'s \u2026 \u20AC \u0081"),
        ("a\r\nb\rc\u2028d\u2029e\u0085f", "a\nb\nc\nd\ne\u2026f"),
        ("\u001B[1;31mred\u001B[0m\u001B[m \u001B[x", "red "),
        ("\u001B[\u0663m", ""),
        ("\u0000\u0008\u000B\u000E\u001F\u007F\uFEFF\u206A\uFFF9\uFFFC", ""),
        ("\u0132 \u0133 \u0149 \u01F1 \u01F2 \u01F3 \u01C4 \u01C5 \u01C6 \u01C7 \u01C8 \u01C9 \u01CA \u01CB \u01CC \uFB00 \uFB01 \uFB02 "
            + "\uFB03 \uFB04 \uFB05 \uFB06 æ", "IJ ij 'n DZ Dz dz D\u017D D\u017E d\u017E LJ Lj lj NJ Nj nj ff fi fl ffi ffl \u017Ft st æ"),
        ("\u02BC \u2018 \u2019 \u201A \u201B \u201C \u201D \u201E \u201F \u00AB \u00BB", "' ' ' ' ' \" \" \" \" \u00AB \u00BB"),
        ("\uFFE3 \uFFE5 \uFFE6 \uFFEE \uFF61 \uFF9F \uFFA0 \uFFDC \uFFBF",
            " \u0304 \u00A5 \u20A9 \u25CB \u3002 \u309A \u1160 \u1175 \uFFBF"),
        ("&amp;amp;amp;lt;", "<"),
        ("&#59; &#38; &#12ab; &#xD800; &#128;", "&#59; & &#12ab; \uFFFD \u20AC"),
        ("&semi; &num; &amp&semi;", "; # &"),
        ("\u212B \u2126 \u212A", "Å Ω K"),
        ("A\u030A e\u0301 q\u0323\u0307 q\u0307\u0323", "Å é q\u0323\u0307 q\u0323\u0307"),
        ("\u1E9B\u0323 \u0344 \u0958 \u2ADC \uFB1D", "\u1E9B\u0323 \u0308\u0301 \u0915\u093C \u2ADD\u0338 \u05D9\u05B4"),
        ("\u1100\u1161\u11A8 \uAC00\u11A8 \uAC01\u11A8 \u1161\u11A8", "\uAC01 \uAC01 \uAC01\u11A8 \u1161\u11A8"),
        ("\u0B47\u0B56\u0B3E \u0CC6\u0CC2\u0CD5", "\u0B48\u0B3E \u0CCB"),
        ("\U0001D15E \U00011099\U000110BA", "\U0001D157\U0001D165 \U0001109A"),
        ("a\u0300\u0315\u05AE\u0301b", "à\u05AE\u0301\u0315b"),
        ("ГўВЂВ\u00A6a", "\u2026a"),
        ("ā\u20AC\u0153", "ā\u20AC\u0153"),
        ("β\u20AC\u2122", "'"),
        ("[a-z] Â Â", "[a-z] Â Â"),
        (".Â \u201C", ".\u00A0\""),
        ("Ð\u0178", "П"),
        ("\u0160Ø\u0178Ù\u20ACØ", "\u0160Ø\u0178Ù\u20ACØ"),
        ("ВµВ µ Г\u00B0Г", "µ\u00A0µ Г\u00B0Г"),
        ("Î\u0178Î\u00BBÎ", "ΟλÎ"),
        ("Å\u00A0Å\u00A1", "Å\u00A0Å\u00A1"),
        ("ã\u0081\u0082 ã 82", "あ ã 82"),
        ("äºº äº º", "人 äº º"),
        ("ð \u0178\u02DC\u20AC", "\U000207D8\u20AC"),
        ("Ã? Ã\u001A", "Ã? Ã"),
        ("é\u001A Ã\u00A9", "é é"),
        ("Mojibake â\u20AC\u02DCinâ\u20AC\u2122 \u0141ódÅº", "Mojibake 'in' \u0141ód\u017A"),
        ("Ä\u008D \u0139\u013E", "č \u0175"),
        ("Ã\u2026Ã\u201EÃ\u2013", "ÅÄÖ"),
    ];

    static readonly (string Input, string Expected)[] LowerCases =
    [
        ("ΣΑΣ ΣΑΣ.", "σας σας."), ("Σ", "σ"), ("ΑΣ", "ας"), ("ΑΣ'", "ας'"), ("Α'Σ", "α'ς"), ("Α'Σ'Β", "α'σ'β"), ("ΑΣ1", "ας1"),
        ("1Σ", "1σ"), ("\u24B6Σ", "\u24D0ς"), ("ªΣ", "ªς"), ("\u02B0Σ", "\u02B0σ"), ("A\u02B0Σ", "a\u02B0ς"), ("AΣ\u0345Β", "aσ\u0345β"),
        ("A\u00ADΣ", "a\u00ADς"), ("AΣ\U0001D165\U00010400", "aς\U0001D165\U00010428"), ("\U00010400Σ", "\U00010428ς"),
        ("\U0001F130Σ", "\U0001F130ς"), ("İIıi", "i\u0307iıi"), ("\u01C5\u1E9EKÅ", "\u01C6ßkå"),
        ("\U00010400\U0001E900", "\U00010428\U0001E922"),
    ];

    [Fact]
    public void Character_references_resolve_as_Python_resolves_them() => Compare(References, HtmlText.Unescape);

    [Fact]
    public void Damaged_text_is_repaired_as_ftfy_repairs_it() => Compare(Repairs, TextFixer.Fix);

    [Fact]
    public void Lower_case_is_Pythons_with_the_final_sigma_and_the_dotted_i() => Compare(LowerCases, PythonText.Lower);

    [Fact]
    public void All_of_HTMLs_names_are_known_and_the_oldest_without_a_semicolon()
    {
        var lines = TokenizerResource.Lines("Html5Entities").ToArray();
        Assert.Equal(2125, lines.Length);
        Assert.Equal(106, lines.Count(l => l.Contains('*', StringComparison.Ordinal)));
        foreach (var line in lines)
        {
            var name = line[..line.IndexOf(' ', StringComparison.Ordinal)].TrimEnd('*');
            var characters = HtmlText.Unescape($"&{name};");
            Assert.False(characters.StartsWith('&') && name is not ("amp" or "AMP"), name);
            Assert.Equal(characters, name.Length <= 24 ? HtmlText.UnescapeClosed($"&{name};") : characters);
        }
    }

    [Fact]
    public void White_space_is_Pythons()
    {
        var all = "\t\n\u000B\f\r \u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000";
        Assert.Equal("a b", PythonText.CollapseWhiteSpace($"{all}a{all}b{all}"));
        Assert.Equal("a\u001C \u001Db", PythonText.CollapseWhiteSpace("\u001C \u001Fa\u001C \t\u001Db\u001E"));
        Assert.Equal("\u200Ba\u180E", PythonText.CollapseWhiteSpace("\u200Ba\u180E"));
    }

    [Fact]
    public void Composed_text_is_a_fixed_point_of_composition_and_marks_are_ordered()
    {
        Assert.Equal("\u1E69", CanonicalForms.Compose("s\u0307\u0323"));
        Assert.Equal("\uD55C\uAE00", CanonicalForms.Compose("\u1112\u1161\u11AB\u1100\u1173\u11AF"));
        Assert.Equal("\u0F71\u0F72", CanonicalForms.Compose("\u0F73"));
        foreach (var (input, _) in Repairs)
        {
            var once = CanonicalForms.Compose(input);
            Assert.Equal(once, CanonicalForms.Compose(once));
        }
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character() =>
        Assert.Equal("a\uFFFDb\U0001F600\uFFFD", TextFixer.Fix("a\uD83Db\uD83D\uDE00\uDE00"));

    static void Compare((string Input, string Expected)[] figures, Func<string, string> function)
    {
        var wrong = figures.Where(f => function(f.Input) != f.Expected)
            .Select(f => $"{Visible(f.Input)}: {Visible(function(f.Input))}, expected {Visible(f.Expected)}");
        Assert.Empty(wrong);
    }

    static string Visible(string text) => string.Concat(text.Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\u{(int)c:X4}"));
}
