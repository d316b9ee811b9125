using System.Globalization;
using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>Tells sounds apart.</summary>
/// <param name="Classes">Of its official weights.</param>
/// <param name="Head">The key of the layer that gives the logits.</param>
public sealed record SoundClassifier(int Classes, string Head) : Capability, IHasClasses;

/// <summary>Tells point clouds apart.</summary>
/// <param name="Classes">Of its official weights.</param>
/// <param name="Head">The key of the layer that gives the logits.</param>
public sealed record PointClassifier(int Classes, string Head) : Capability, IHasClasses;

/// <summary>How what a Perceiver reads is told.</summary>
[Settings]
public sealed partial record PerceiverClassifySettings
{
    /// <summary>How many classes are told, likeliest first.</summary>
    [Within(1)]
    public int Top { get; init; } = 5;

    /// <summary>Stretches of a long sound that are asked about and averaged, at most.</summary>
    [Within(1, 1000)]
    public int Stretches { get; init; } = 20;

    /// <summary>When it abstains.</summary>
    public AbstentionSettings Abstention { get; init; } = new();
}

/// <summary>What a sound is.</summary>
public sealed class PerceiverListen : Ability<Sound, Labels, PerceiverClassifySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Classify;

    /// <inheritdoc/>
    public override string Purpose => "sounds in (and clips with sound); out, for each, its likeliest classes";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("dog.wav --weights run7", "a sound")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<SoundClassifier>();

    /// <inheritdoc/>
    public override Session<Sound, Labels, PerceiverClassifySettings> Open(OpenRequest request) =>
        new PerceiverSession<Sound>(request, static (form, sound, settings) =>
        ((SoundForm)form).Parts(sound.Path, settings.Stretches).Select(part => (part, (IReadOnlyList<long>)[part.Length])));
}

/// <summary>What a cloud of points is.</summary>
public sealed class PerceiverTouch : Ability<PointCloud, Labels, PerceiverClassifySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Classify;

    /// <inheritdoc/>
    public override string Purpose => "point clouds in (.npy, .ply, .xyz); out, for each, its likeliest classes";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("chair.ply --weights run8", "points in space")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PointClassifier>();

    /// <inheritdoc/>
    public override Session<PointCloud, Labels, PerceiverClassifySettings> Open(OpenRequest request) =>
        new PerceiverSession<PointCloud>(request, static (form, points, _) => [form.Read(points.Path)]);
}

/// <summary>A Perceiver with its weights. Several threads may ask it.</summary>
/// <typeparam name="TInput">What it reads.</typeparam>
internal sealed class PerceiverSession<TInput> : Session<TInput, Labels, PerceiverClassifySettings>
    where TInput : IInput<TInput>
{
    private readonly Module<Tensor, Tensor> network;
    private readonly Data.FileForm form;
    private readonly Func<Data.FileForm, TInput, PerceiverClassifySettings, IEnumerable<(float[] Values, IReadOnlyList<long> Shape)>> parts;
    private readonly IReadOnlyList<string> classes;
    private readonly Device device;

    public PerceiverSession(
        OpenRequest request,
            Func<Data.FileForm, TInput, PerceiverClassifySettings, IEnumerable<(float[] Values, IReadOnlyList<long> Shape)>> parts)
    {
        this.parts = parts;
        form = PerceiverVariants.FormOf(request.NetworkName)!;
        device = request.Device;
        network = request.Network<Module<Tensor, Tensor>>();
        classes = request.Classes ?? [.. Enumerable.Range(0, request.Outputs)
            .Select(k => string.Create(CultureInfo.InvariantCulture, $"class {k}"))];
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<Labels> Answer(
        IReadOnlyList<TInput> inputs, PerceiverClassifySettings settings, IProgress<WorkProgress>? progress,
            CancellationToken cancellation) =>
        [.. inputs.Select(input => Told(input, settings, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private Labels Told(TInput input, PerceiverClassifySettings settings, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        double[] sum = new double[classes.Count];
        int count = 0;
        foreach (var (values, shape) in parts(form, input, settings))
        {
            cancellation.ThrowIfCancellationRequested();
            using var pass = new TensorScope();
            var logits = network.Call(Tensor.From(values, [1, .. shape]).To(device))[0];
            double[] probabilities = logits.To(DType.Float64).Softmax(-1).ToArray<double>();
            for (int k = 0; k < sum.Length; k++) sum[k] += probabilities[k];
            count++;
        }

        return settings.Abstention.Mark(new Labels(
            [.. sum.Select((p, k) => new Label(classes[k], p / count)).OrderByDescending(label => label.Confidence).Take(settings.Top)]));
    }
}
