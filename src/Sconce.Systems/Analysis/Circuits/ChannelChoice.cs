using System.Globalization;
using System.Text.Json;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>Channels of a layer as they are typed: <c>17</c>, <c>3,8-11</c>.</summary>
/// <param name="Spans">First and last of each span, from 0.</param>
public sealed record ChannelChoice(IReadOnlyList<(int First, int Last)> Spans) : ISettingValue<ChannelChoice>
{
    /// <inheritdoc/>
    public static SettingValue<ChannelChoice> Value { get; } = new Spanned();

    /// <summary>The channels, each once, in the order in which they were typed.</summary>
    /// <param name="count">How many the layer has.</param>
    /// <param name="layer">Whose, for the fault.</param>
    /// <exception cref="SettingsException">One is beyond the last.</exception>
    public IReadOnlyList<int> Of(int count, string layer)
    {
        int last = Spans.Max(span => span.Last);
        if (last >= count) throw new SettingsException("channel", called => $"{called} {last}: {layer} has the channels 0 to {count - 1}");
        return [.. Spans.SelectMany(span => Enumerable.Range(span.First, span.Last - span.First + 1)).Distinct()];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Spans.Select(span => span.First == span.Last
        ? span.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{span.First}-{span.Last}")));

    private static bool TryParse(string text, out ChannelChoice choice)
    {
        var spans = new List<(int, int)>();
        choice = new ChannelChoice(spans);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !Number(ends[0], out int first) || !Number(ends[^1], out int last) || last < first) return false;
            spans.Add((first, last));
        }

        return true;
    }

    private static bool Number(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 1_000_000;

    private sealed class Spanned : SettingValue<ChannelChoice>
    {
        public override string Range => "numbers from 0 on, with commas and dashes between: 17 or 3,8-11";

        public override string Placeholder => "N|N-N,…";

        public override bool TryRead(string text, out ChannelChoice value) => TryParse(text, out value);

        public override bool TryRead(JsonElement element, out ChannelChoice value)
        {
            string text = element.ValueKind is JsonValueKind.Number ? element.GetRawText()
                : element.ValueKind is JsonValueKind.String ? element.GetString()! : "";
            return TryParse(text, out value);
        }

        public override bool Holds(ChannelChoice value) => value is { Spans.Count: > 0 };

        public override string Text(ChannelChoice value) => value.ToString();

        public override void Write(Utf8JsonWriter writer, ChannelChoice value) => writer.WriteStringValue(Text(value));

        public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "string");
    }
}
