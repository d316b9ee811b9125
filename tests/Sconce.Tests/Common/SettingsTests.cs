using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Sconce.Tests.Common;

public sealed partial class SettingsTests
{
    /// <summary>Which brush draws.</summary>
    public enum Brush
    {
        Oil,
        WaterColour,
    }

    /// <summary>How a picture is painted.</summary>
    [Settings]
    public sealed partial record PaintSettings : ISettingsRule
    {
        /// <summary>Strokes in all.</summary>
        [Within(1, 20_000)]
        public int Strokes { get; init; } = 500;

        /// <summary>Which brush draws.</summary>
        public Brush Brush { get; init; }

        /// <summary>The share that is left <see cref="Bare"/>.</summary>
        [Within(0, 1, Below = true)]
        public double? Bare { get; init; }

        /// <summary>A picture whose style is taken over.</summary>
        [FilePath]
        public string? Style { get; init; }

        /// <summary>Whether the canvas is kept.</summary>
        public bool KeepCanvas { get; init; }

        /// <summary>Widths, from broad to fine.</summary>
        [Within(1)]
        public IReadOnlyList<int> Widths { get; init; } = [9, 3];

        public Paper Paper { get; init; } = new();

        public (string Setting, string Fault)? Misfit => Strokes < Widths.Count ? ("strokes", "must be one a width at least") : null;
    }

    /// <summary>What is painted on.</summary>
    [Settings]
    public sealed partial record Paper
    {
        /// <summary>Grams a square metre.</summary>
        [Within(0, Above = true)]
        public double Weight { get; init; } = 120;
    }

    /// <summary>What a label printer must know.</summary>
    [Settings]
    public sealed partial record LabelSettings
    {
        /// <summary>What is printed.</summary>
        [Required]
        public IReadOnlyList<string> Labels { get; init; } = [];
    }

    /// <summary>What the brush's maker would decide.</summary>
    [Settings]
    public sealed partial record BrushSettings
    {
        /// <summary>Hairs; else the maker's number.</summary>
        [Within(0)]
        [LeftOpen]
        public int? Hairs { get; init; }

        /// <summary>Varnish; else the maker's, or none.</summary>
        [LeftOpen]
        public string? Varnish { get; init; }
    }

    [Fact]
    public void None_is_no_way_to_leave_a_decision_to_somebody_else()
    {
        var fault = Assert.Throws<SettingsException>(() => BrushSettings.Schema.Read(new BrushSettings(), Typed(("hairs", "none"))));
        Assert.Contains("a whole number from 0 on, not 'none'", fault.Message, StringComparison.Ordinal);
        Assert.Equal("none", BrushSettings.Schema.Read(new BrushSettings(), Typed(("varnish", "none"))).Varnish);
        Assert.DoesNotContain(BrushSettings.Schema.All, setting => setting.Range.Contains("or none", StringComparison.Ordinal));
    }

    [Fact]
    public void A_schema_has_the_names_helps_ranges_and_defaults_of_the_record()
    {
        string[] lines = [.. PaintSettings.Schema.All.Select(s => $"{s.Option} {s.Placeholder} [{s.Default}] {s.Range}: {s.Help}")];
        Assert.Equal(
            [
                "--strokes N [500] a whole number from 1 to 20000: Strokes in all.",
                "--brush NAME [oil] one of oil, water-colour: Which brush draws.",
                "--bare NUMBER [] a number from 0 on, below 1, or none: The share that is left Bare.",
                "--style FILE [] a file or folder, or none: A picture whose style is taken over.",
                "--keep-canvas  [false] true or false: Whether the canvas is kept.",
                "--widths N,… [9,3] with commas between, each a whole number from 1 on: Widths, from broad to fine.",
                "--weight NUMBER [120] a number above 0: Grams a square metre.",
            ],
            lines);
        Assert.Equal(["paper"], PaintSettings.Schema.All[^1].Groups);
    }

    [Fact]
    public void What_is_typed_is_read_over_the_defaults_and_groups_too()
    {
        var read = PaintSettings.Schema.Read(new PaintSettings(),
            Typed(("strokes", "7"), ("brush", "watercolour"), ("bare", "0.5"), ("widths", "4, 2"), ("weight", "80.5")));
        Assert.Equal((7, Brush.WaterColour, 0.5, 80.5), (read.Strokes, read.Brush, read.Bare, read.Paper.Weight));
        Assert.Equal([4, 2], read.Widths);
        Assert.Null(PaintSettings.Schema.Read(read, Typed(("bare", "none"))).Bare);
    }

    [Theory]
    [InlineData("strokes", "0", "strokes takes a whole number from 1 to 20000, not '0'")]
    [InlineData("strokes", "many", "strokes takes a whole number from 1 to 20000, not 'many'")]
    [InlineData("strokes", "1e3", "strokes takes a whole number from 1 to 20000, not '1e3'")]
    [InlineData("bare", "1", "bare takes a number from 0 on, below 1, or none, not '1'")]
    [InlineData("bare", "NaN", "bare takes a number from 0 on, below 1, or none, not 'NaN'")]
    [InlineData("brush", "oli", "brush takes one of oil, water-colour, not 'oli'. Did you mean oil?")]
    [InlineData("keepCanvas", "1", "keepCanvas takes true or false, not '1'")]
    [InlineData("widths", "3,,2", "widths takes with commas between, each a whole number from 1 on, not '3,,2'")]
    [InlineData("stroks", "3", "there is no setting stroks. Did you mean strokes?")]
    [InlineData("strokes", "1", "strokes must be one a width at least")]
    public void What_means_nothing_is_refused_by_the_settings_name(string name, string text, string message)
    {
        var fault = Assert.Throws<SettingsException>(() => PaintSettings.Schema.Read(Typed((name, text))));
        Assert.Equal(message, fault.Message);
        Assert.Equal(message.Replace(name, "--x", StringComparison.Ordinal), fault.Worded("--x"));
    }

    [Fact]
    public void What_is_required_is_asked_for()
    {
        Assert.Equal("labels is missing: What is printed.", Assert.Throws<SettingsException>(() => LabelSettings.Schema.Read([])).Message);
        Assert.Equal(["a", "b"], ((LabelSettings)LabelSettings.Schema.Read(Typed(("labels", "a,b")))).Labels);
    }

    [Fact]
    public void A_program_cannot_set_what_is_out_of_range_either() =>
        Assert.StartsWith("strokes takes",
            Assert.Throws<SettingsException>(() => PaintSettings.Schema.Verified(new PaintSettings { Strokes = -1 })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Whatever_is_set_comes_back_from_json_and_from_what_would_be_typed() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int, bool, double, bool, int[])>(),
        drawn =>
        {
            var (strokes, oil, weight, keep, widths) = drawn;
            var settings = new PaintSettings
            {
                Strokes = 1 + (Math.Abs(strokes) % 20_000),
                Brush = oil ? Brush.Oil : Brush.WaterColour,
                Bare = keep ? null : 0.25,
                KeepCanvas = keep,
                Style = oil ? "a \"b\", ü.jpg" : null,
                Widths = [.. (widths ?? []).Select(w => 1 + (w & 0xFF))],
                Paper = new Paper { Weight = double.IsFinite(weight) && weight > 0 ? weight : 1 },
            };
            using var document = JsonDocument.Parse(Json(settings));
            var back = PaintSettings.Schema.Read(new PaintSettings(), document.RootElement, "here");
            Assert.Empty(PaintSettings.Schema.Differences(settings, back));
            var typed = PaintSettings.Schema.Settings.Where(s => s.Text(settings).Length > 0)
                .Select(s => KeyValuePair.Create(s.Name, s.Text(settings)));
            var again = PaintSettings.Schema.Read(new PaintSettings { Widths = [] }, typed);
            Assert.Empty(PaintSettings.Schema.Differences(settings, again));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("[]", "run.json: settings are an object of names and values")]
    [InlineData("{\"strokes\": \"7\"}", "run.json: strokes takes a whole number from 1 to 20000, not \"7\"")]
    [InlineData("{\"strokes\": 7.0}", "run.json: strokes takes a whole number from 1 to 20000, not 7.0")]
    [InlineData("{\"strokes\": null}", "run.json: strokes takes a whole number from 1 to 20000, not null")]
    [InlineData("{\"paper\": {\"wieght\": 3}}", "run.json: there is no setting wieght. Did you mean weight?")]
    [InlineData("{\"paper\": 3}", "run.json: settings are an object of names and values")]
    [InlineData("{\"weight\": 3}", "run.json: there is no setting weight. Did you mean weight?")]
    public void A_file_that_means_nothing_is_refused_by_its_name(string json, string message)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(message,
            Assert.Throws<SettingsException>(() => PaintSettings.Schema.ReadJson(document.RootElement, "run.json")).Message);
    }

    [Fact]
    public void The_json_schema_says_types_ranges_choices_defaults_and_what_is_required()
    {
        using var paint = Schema(PaintSettings.Schema);
        var properties = paint.RootElement.GetProperty("properties");
        Assert.Equal((1, 20_000, 500),
            (properties.GetProperty("strokes").GetProperty("minimum").GetInt32(), properties.GetProperty("strokes").GetProperty("maximum")
                .GetInt32(), properties.GetProperty("strokes").GetProperty("default").GetInt32()));
        Assert.Equal(["oil", "water-colour"],
            properties.GetProperty("brush").GetProperty("enum").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(0, properties.GetProperty("paper").GetProperty("properties").GetProperty("weight")
            .GetProperty("exclusiveMinimum").GetDouble());
        using var labels = Schema(LabelSettings.Schema);
        Assert.Equal("labels", labels.RootElement.GetProperty("required")[0].GetString());
    }

    private static JsonDocument Schema(SettingsSchema schema)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) schema.WriteSchema(writer);
        return JsonDocument.Parse(stream.ToArray());
    }

    private static string Json(PaintSettings settings)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) PaintSettings.Schema.Write(writer, settings);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static IEnumerable<KeyValuePair<string, string>> Typed(params (string Name, string Text)[] words) =>
        words.Select(word => KeyValuePair.Create(word.Name, word.Text));
}
