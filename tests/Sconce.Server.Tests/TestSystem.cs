using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Server.Tests;

/// <summary>A small classifier of pictures with a server's every case beside it: words, files that are made, rows as they go, a
/// gate.</summary>
internal sealed class TestSystem : CatalogueSystem
{
    public static IReadOnlyList<CatalogueSystem> All { get; } = [new TestSystem(), new TestMethods(), new TestWays()];

    public override SystemCard Card { get; } = CardOf("tiny");

    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("tiny_net", "one convolution", options => Create(options.Classes ?? 4))
        {
            Capabilities = [TensorInput.Pictures(32), new ImageClassifier(4, "head", ImagePreprocessing.ImageNet(32, 1))],
        },
    ];

    public static SystemCard CardOf(string name) =>
        new(name, name, "2021-W01", SystemTask.Classification, new Paper("On Servers", "Nobody", 2021, "2101.00001"), "For tests.");

    /// <summary>Writes weights that a seed draws.</summary>
    public static string WriteWeights(TemporaryFolder folder, ulong seed = 1)
    {
        string path = Path.Combine(folder.Path, $"tiny-{seed}.ckpt");
        TorchRuntime.ManualSeed(seed);
        using var network = Create(4);
        Weights.ModelWeights.Save(network, path);
        return path;
    }

    internal static Sequential Create(int classes)
    {
        var network = new Sequential
        {
            ["conv"] = new Conv2d(3, 8, 4, 4),
            ["act"] = new Relu(),
            ["pool"] = new GlobalAvgPool2d(),
        };
        if (classes > 0) network["head"] = new Linear(8, classes);
        return network;
    }
}

/// <summary>Abilities without weights.</summary>
internal sealed class TestMethods : CatalogueSystem
{
    public override SystemCard Card { get; } = TestSystem.CardOf("fakes");

    public override IReadOnlyList<Ability> Abilities { get; } =
        [new Echo(), new Painter(), new Gate(), new Segmenter(), new Counter(), new TableReader()];
}

/// <summary>How words are given back.</summary>
[Settings]
public sealed partial record EchoSettings
{
    /// <summary>How many times.</summary>
    [Within(1, 10)]
    public int Times { get; init; } = 1;

    /// <summary>Whether in capitals.</summary>
    public bool Loud { get; init; }

    /// <summary>A picture whose size is told.</summary>
    public Picture? Style { get; init; }

    /// <summary>Words that are left out.</summary>
    public LabelList? Without { get; init; }
}

/// <summary>A fake: what it says is a function.</summary>
internal abstract class Fake<TInput, TAnswer, TSettings> : Ability<TInput, TAnswer, TSettings>
    where TInput : IInput<TInput>
    where TAnswer : IAnswer
    where TSettings : class, ISettings<TSettings>, new()
{
    public override string Purpose => "for tests";

    public override bool NeedsWeights => false;

    public virtual int Together => 1;

    public override Session<TInput, TAnswer, TSettings> Open(OpenRequest request) => new Asked(this);

    protected abstract TAnswer Say(TInput input, TSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation);

    private sealed class Asked(Fake<TInput, TAnswer, TSettings> fake) : Session<TInput, TAnswer, TSettings>
    {
        public override int BatchSize => fake.Together;

        protected override IReadOnlyList<TAnswer> Answer(
            IReadOnlyList<TInput> inputs, TSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
            [.. inputs.Select(input => fake.Say(input, settings, progress, cancellation))];
    }
}

internal sealed class Echo : Fake<Words, MadeText, EchoSettings>
{
    public override Verb Verb => Verb.Complete;

    protected override MadeText Say(Words input, EchoSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string text = string.Join(' ', Enumerable.Repeat(settings.Loud ? input.Text.ToUpperInvariant() : input.Text, settings.Times));
        foreach (string word in settings.Without?.Names ?? []) text = text.Replace(word, "", StringComparison.Ordinal);
        return new MadeText(settings.Style is { } style ? $"{text} {style.Image.Width} x {style.Image.Height}" : text);
    }
}

internal sealed class Painter : Fake<Nothing, MadePictures, GenerateSettings>
{
    public override Verb Verb => Verb.Generate;

    protected override MadePictures Say(Nothing input, GenerateSettings settings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        new(Painted(settings, progress, cancellation)) { Count = settings.Count, HasSheet = true };

    private static IEnumerable<Image> Painted(GenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        for (int k = 0; k < settings.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("painting", k, settings.Count));
            if (settings.Seed == 13 && k == 2) throw new InvalidDataException("the third picture fails");
            yield return new Image(8, 8);
        }
    }
}

/// <summary>Says how many were asked together, once a test lets it; words that say «bad» have no answer.</summary>
internal sealed class Gate : Fake<Words, MadeText, EchoSettings>
{
    private static readonly Lock Sync = new();
    private static ManualResetEventSlim opened = new(true);
    private static int entered;

    public override Verb Verb => Verb.Classify;

    public override int Together => 4;

    public static int Entered => Volatile.Read(ref entered);

    public static void Close()
    {
        entered = 0;
        lock (Sync) opened = new ManualResetEventSlim(false);
    }

    public static void OpenAll() => opened.Set();

    protected override MadeText Say(Words input, EchoSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Interlocked.Increment(ref entered);
        opened.Wait(cancellation);
        return input.Text.StartsWith("bad", StringComparison.Ordinal) ? throw new InvalidDataException("the words are bad")
            : input.Text.StartsWith("worse", StringComparison.Ordinal) ? throw new InvalidOperationException("a fault inside")
            : new MadeText(input.Text);
    }
}

internal sealed class Segmenter : Fake<Picture, Mask, EchoSettings>
{
    public override Verb Verb => Verb.Segment;

    protected override Mask Say(Picture input, EchoSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new(input.Image.Width, input.Image.Height, new int[input.Image.Width * input.Image.Height], ["ground"]);
}

internal sealed class Counter : Fake<Words, Rows, EchoSettings>
{
    public override Verb Verb => Verb.Forecast;

    protected override Rows Say(Words input, EchoSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new(["word", "letters"], [.. input.Text.Split(' ').Select(word => (object?[])[word, (long)word.Length])]);
}

internal sealed class TableReader : Fake<TableFile, Rows, EchoSettings>
{
    public override Verb Verb => Verb.Predict;

    protected override Rows Say(TableFile input, EchoSettings settings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        new(["rows"], [[(long)input.Read(null, cancellation).Rows]]);
}
