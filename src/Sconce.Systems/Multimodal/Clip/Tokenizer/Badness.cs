using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Does a text look like UTF-8 read in the wrong encoding? The characters that such text is made of fall into classes, and certain
/// neighbours are nearly never meant. The classes and neighbourhoods are those of ftfy 6.3.1 (rspeer/python-ftfy@74dd045, badness.py).
/// </summary>
static class Badness
{
    [Flags]
    enum Kind
    {
        None = 0,
        Common = 1,
        Control = 2,
        Suspect = 4,
        Law = 8,
        Currency = 16,
        Opening = 32,
        Closing = 64,
        Numeric = 128,
        Face = 256,
        UpperAccented = 512,
        LowerAccented = 1024,
        UpperCommon = 2048,
        LowerCommon = 4096,
        Box = 8192,
        Accented = UpperAccented | LowerAccented,
        Symbol = Box | Opening | Closing | Currency | Numeric | Law,
    }

    static readonly Dictionary<char, Kind> Kinds = Classify(
        (Kind.Common, "\u00A0\u00AD·´–—―…’"),
        (Kind.Suspect, "¤¦¨ª¬¯¸ºƒ\u02C6\u02C7˘˛˜†‡‰⌐◊\uFFFD"),
        (Kind.Law, "§¶"),
        (Kind.Currency, "¢£¥₧€"),
        (Kind.Opening, "¡©«¿΄΅‘‚“„•‹\uF8FF"),
        (Kind.Closing, "®»˝”›™"),
        (Kind.Numeric, "±²³µ¹¼½¾×÷⁄№∂∆∏∑√∞∩∫≈≠≡≤≥"),
        (Kind.Face, "°ÒÓÔÕÖÙÚÛÜòóôõöøùúûüŌŐŪŲ"),
        (Kind.UpperAccented, "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑØÜÝĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ"),
        (Kind.LowerAccented, "ßàáâãäåæçèéêëìíîïðñüāăąćčďđēėęěğģīįķĺļľłœŕśşšťźżžґ\uFB01\uFB02"),
        (Kind.UpperCommon, "ÞΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ\u03A2ΣΤΥΦΧΨΩΪΫЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"),
        (Kind.LowerCommon, "άέήίΰαβγδεζηθικλμνξοπρςστυφχψωабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљњћќѝўџ"),
        (Kind.Box, "│┌┐┘├┤┬┼═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬▀▄█▌▐░▒▓"));

    // Neighbours, whatever stands around them.
    static readonly (Kind First, Kind Second)[] Pairs =
    [
        (Kind.Suspect | Kind.Accented | Kind.Symbol, Kind.Suspect),
        (Kind.Suspect, Kind.Accented | Kind.Symbol),
        (Kind.LowerAccented | Kind.LowerCommon | Kind.Box | Kind.Closing | Kind.Currency | Kind.Numeric, Kind.UpperAccented),
        (Kind.Box | Kind.Closing | Kind.Currency | Kind.Numeric, Kind.LowerAccented),
        (Kind.LowerAccented | Kind.Box | Kind.Closing, Kind.Currency),
        (Kind.UpperAccented | Kind.Box, Kind.Numeric | Kind.Law),
        (Kind.Currency | Kind.Numeric | Kind.Box, Kind.Opening),
        (Kind.Box, Kind.Face | Kind.Closing),
        (Kind.Accented | Kind.Currency | Kind.Numeric | Kind.Opening | Kind.Closing | Kind.Law, Kind.Box),
    ];

    static readonly (Kind First, Kind Second, Kind Third)[] Triples =
    [
        (Kind.Accented | Kind.Box | Kind.Currency | Kind.Closing, Kind.Opening, Kind.Numeric),
        (Kind.Accented | Kind.Currency | Kind.Numeric | Kind.Box | Kind.Law, Kind.Closing, Kind.Opening),
    ];

    /// <summary>Whether anything in the text is a sign of misread bytes.</summary>
    public static bool IsBad(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (StartsBad(text[i..], first: i == 0))
                return true;
        }
        return false;
    }

    static bool StartsBad(ReadOnlySpan<char> text, bool first)
    {
        var a = At(text, 0);
        var b = At(text, 1);
        var c = At(text, 2);
        if ((a | b | c) < 0x80)
            return false;
        var (ka, kb, kc) = (KindOf(a), KindOf(b), KindOf(c));
        if ((ka & Kind.Control) != 0)
            return true;
        if (text.Length == 1)
            return false;

        foreach (var (one, two) in Pairs)
        {
            if ((ka & one) != 0 && (kb & two) != 0)
                return true;
        }
        foreach (var (one, two, three) in Triples)
        {
            if ((ka & one) != 0 && (kb & two) != 0 && (kc & three) != 0)
                return true;
        }
        return BesideLetters(text, a, ka, kb, kc)
            || Western(text, a, b, c, kb, kc, first)
            || OtherScripts(text, a, b, c, kb);
    }

    // Classes that are unlikely only beside an ASCII letter, a space or a word character.
    static bool BesideLetters(ReadOnlySpan<char> text, char a, Kind ka, Kind kb, Kind kc)
    {
        if (char.IsAsciiLetter(a) && (kb & (Kind.LowerCommon | Kind.UpperCommon)) != 0 && (kc & Kind.Suspect) != 0)
            return true;
        if (PythonText.IsSpace(a) && (kb & Kind.UpperAccented) != 0 && (kc & Kind.Currency) != 0)
            return true;
        if (char.IsAsciiLetterLower(a) && (kb & Kind.UpperAccented) != 0 && (kc & (Kind.Opening | Kind.Currency)) != 0)
            return true;
        return (ka & Kind.Accented) != 0 && (kb & (Kind.Opening | Kind.Closing)) != 0 && text.Length > 2
            && Rune.DecodeFromUtf16(text[2..], out var rune, out _) == System.Buffers.OperationStatus.Done && PythonText.IsWord(rune);
    }

    // Windows-1252 and Mac Roman readings of Latin, Arabic, Indic and punctuation.
    static bool Western(ReadOnlySpan<char> text, char a, char b, char c, Kind kb, Kind kc, bool first)
    {
        const Kind Punctuation = Kind.Opening | Kind.Closing;
        var pair = a switch
        {
            'Œ' or 'œ' => !char.IsAsciiLetter(b),
            'Â' or 'Ã' or 'Î' or 'Ð' => (kb & Punctuation) != 0 || "€œŠš¢£Ÿž\u00A0\u00AD®©°·»–—´".Contains(b) || (a == 'Ã' && b == '¡'),
            '×' => b is '²' or '³',
            'à' => "²µ¹¼½¾".Contains(b),
            '√' => "±∂†≠®™´≤≥¥µø".Contains(b),
            '≈' => b is '°' or '¢',
            '‚' => (b == 'Ä' && "ìîïòôúùû†°¢π".Contains(c)) || (b is ('â' or 'ó') && "àä°ê".Contains(c)),
            _ => false,
        };
        if (pair || ((KindOf(a) & Kind.UpperAccented) != 0 && b == '°'))
            return true;
        if (first && a is ('Ã' or 'Â') && b == ' ')
            return true;
        if (char.IsAsciiLetterLower(a))
        {
            var skip = PythonText.IsSpace(b) ? 2 : 1;
            if (At(text, skip) is ('Ã' or 'Â') && At(text, skip + 1) == ' ')
                return true;
        }
        if (b == 'Â' && (char.IsAsciiLetterLower(a) || a is '.' or ',' or '?' or '!' || (KindOf(a) & Kind.Closing) != 0)
            && (c == ' ' || (kc & Punctuation) != 0))
            return true;
        return a is ('Ø' or 'Ù') && FollowsArabicLead(b) && c is ('Ø' or 'Ù') && FollowsArabicLead(At(text, 3));
    }

    static bool FollowsArabicLead(char c) =>
        (KindOf(c) & (Kind.Common | Kind.Currency | Kind.Suspect | Kind.Numeric | Kind.Opening)) != 0 || "ŸŠ®°µ»".Contains(c);

    // Windows-1251, 1253 and 1257 readings.
    static bool OtherScripts(ReadOnlySpan<char> text, char a, char b, char c, Kind kb)
    {
        const Kind Between = Kind.Control | Kind.Suspect | Kind.Opening | Kind.Closing | Kind.Currency;
        var between = (kb & Between) != 0 || b == '°';
        if (a is ('В' or 'Г' or 'Р' or 'С') && (between || b == 'µ') && c is ('В' or 'Г' or 'Р' or 'С'))
            return true;
        if (a is ('Β' or 'Γ' or 'Ξ' or 'Ο') && between && c is ('Β' or 'Γ' or 'Ξ' or 'Ο'))
            return true;
        return a switch
        {
            'в' => b == 'Ђ',
            'ā' => b == '€',
            'β' => b == '€' && "™\u00A0Ά\u00AD®°".Contains(c),
            'Г' => text.StartsWith("ГўВЂВ", StringComparison.Ordinal) && AnyThenLatin(text[5..]),
            _ => false,
        };
    }

    static bool AnyThenLatin(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] == '\n')
            return false;
        Rune.DecodeFromUtf16(text, out _, out var length);
        var after = At(text, length);
        return after == ' ' || char.IsAsciiLetter(after);
    }

    static char At(ReadOnlySpan<char> text, int i) => i < text.Length ? text[i] : '\0';

    static Kind KindOf(char c)
    {
        if (c < 0x80)
            return Kind.None;
        return c < 0xA0 ? Kind.Control : Kinds.GetValueOrDefault(c);
    }

    static Dictionary<char, Kind> Classify(params ReadOnlySpan<(Kind Kind, string Characters)> classes)
    {
        var kinds = new Dictionary<char, Kind>();
        foreach (var (kind, characters) in classes)
        {
            foreach (var c in characters)
                kinds[c] = kinds.GetValueOrDefault(c) | kind;
        }
        return kinds;
    }
}
