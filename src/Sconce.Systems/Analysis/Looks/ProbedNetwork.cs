using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Looks;

/// <summary>
/// A classifier, an encoder or a detector of pictures that is looked into: pictures in [0, 1] go in, scores come out, and what any of its
/// modules answered can be had, all on the tape. Its parameters ask for no gradients.
/// </summary>
internal sealed class ProbedNetwork : IDisposable
{
    private readonly Func<Tensor, Tensor> scores;
    private readonly Device device;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">It is none of the three, or no weights were named.</exception>
    public ProbedNetwork(OpenRequest request)
    {
        (Name, device) = (request.Name, request.Device);
        var module = request.Network<Module>();
        try
        {
            Module = module;
            module.Eval();
            module.RequireGrad(false);
            Preprocessing = request.Capabilities.Find<TakesPictures>()?.Preprocessing.At(request.Size);
            if (request.Capabilities.Find<PictureScores>() is { } detector)
            {
                Side = request.Size ?? detector.Side;
                scores = pictures => detector.Of(module, pictures);
                IsDetector = true;
                Classes = request.Classes ?? request.Capabilities.Find<PictureDetector>()?.Names ?? [];
            }
            else if (Preprocessing is { } preprocessing && module is Module<Tensor, Tensor> network)
            {
                Side = preprocessing.Size;
                scores = pictures => network.Call(Normalized(pictures, preprocessing));
                Classes = request.Classes ?? (request.Outputs == ImageNetClasses.Names.Count ? ImageNetClasses.Names : []);
            }
            else
            {
                throw new UsageException($"{Name} gives no scores of pictures that could be followed back to them");
            }
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>A classifier that is at hand; it belongs to whoever made this from then on.</summary>
    /// <param name="network">In evaluation.</param>
    /// <param name="preprocessing">How pictures become its input.</param>
    public ProbedNetwork(Module<Tensor, Tensor> network, ImagePreprocessing preprocessing)
    {
        (Name, device, Module, Preprocessing) = (network.GetType().Name, Device.Cpu, network, preprocessing);
        network.RequireGrad(false);
        (Side, Classes) = (preprocessing.Size, []);
        scores = pictures => network.Call(Normalized(pictures, preprocessing));
    }

    /// <summary>As it was asked for, for errors.</summary>
    public string Name { get; }

    /// <summary>The network, in evaluation.</summary>
    public Module Module { get; }

    /// <summary>The side of the pictures that it takes, in pixels.</summary>
    public int Side { get; }

    /// <summary>Whether its scores are of places: <c>(N, places, classes)</c>.</summary>
    public bool IsDetector { get; }

    /// <summary>The classes' names; none where only their number is known.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How a classifier prepares pictures; null for a detector.</summary>
    public ImagePreprocessing? Preprocessing { get; }

    /// <summary>Whether a network can be looked into.</summary>
    public static bool Fits(IReadOnlyList<Capability> network) =>
        network.Has<ImageClassifier>() || network.Has<ImageEncoder>() || network.Has<PictureScores>();

    /// <summary>Whether several threads may ask it at once, as they may ask every classifier.</summary>
    public static bool IsShared(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <summary>What a class is called.</summary>
    public string NameOf(int index) => index < Classes.Count ? Classes[index] : $"class {index}";

    /// <summary>A picture as it is asked about, <c>(1, 3, Side, Side)</c> in [0, 1].</summary>
    public Tensor Prepare(Image picture)
    {
        using var scope = new TensorScope();
        var plain = picture.To8Bit().ToRgb(Rgb.White);
        if (Preprocessing is { } own && !IsDetector)
        {
            var pixels = own with { Mean = [0, 0, 0], Std = [1, 1, 1] };
            return scope.Keep(pixels.Apply(plain).Unsqueeze(0));
        }

        return scope.Keep(plain.Resize(Side, Side, ResizeFilter.Bilinear).ToTensor().Unsqueeze(0));
    }

    /// <summary>The part of a picture that it sees, in the picture's pixels; it may reach beyond the edges.</summary>
    public PixelBox Seen(Image picture)
    {
        if (Preprocessing is not { } own || IsDetector) return new PixelBox(0, 0, picture.Width, picture.Height);
        var (wide, high) = own.ResizedSize(picture.Width, picture.Height);
        int width = (int)Math.Round((double)own.Size * picture.Width / wide);
        int height = (int)Math.Round((double)own.Size * picture.Height / high);
        return PixelBox.FromSize((picture.Width - width) / 2, (picture.Height - height) / 2, width, height);
    }

    /// <summary>Its scores: <c>(N, 3, H, W)</c> in [0, 1] to <c>(N, classes)</c>, of a detector <c>(N, places, classes)</c>.</summary>
    public Tensor Scores(Tensor pictures) => scores(pictures.To(device));

    /// <summary>The scores, and the answers of its modules, of all or some.</summary>
    /// <param name="pictures"><c>(N, 3, H, W)</c> in [0, 1].</param>
    /// <param name="which">By name and module; null for all.</param>
    public LookTrace Traced(Tensor pictures, Func<string, Module, bool>? which = null)
    {
        var names = new Dictionary<Module, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, module) in Module.NamedModules())
        {
            if (which is null || which(name, module)) names.TryAdd(module, name);
        }

        return LookTrace.Of(names, () => Scores(pictures));
    }

    /// <summary>What one module answers to pictures.</summary>
    /// <exception cref="UsageException">It is not called for a picture, or gives no tensor.</exception>
    public LookTrace TracedAt(Tensor pictures, string layer)
    {
        var trace = Traced(pictures, (name, _) => name == layer);
        if (trace.Answers.Count > 0) return trace;
        trace.Dispose();
        throw new UsageException($"{Name}: '{layer}' is not asked about pictures, or answers with no tensor");
    }

    /// <summary>A module by its dotted name.</summary>
    /// <exception cref="SettingsException">There is none; the message names the nearest.</exception>
    public Module Layer(string name)
    {
        string[] names = [.. Module.NamedModules().Select(named => named.Name).Where(known => known.Length > 0)];
        if (names.Contains(name)) return Module[name];
        string near = NearestNames.Suggest(name, names);
        if (near.Length == 0) near = $"The last are {string.Join(", ", names.TakeLast(4))}";
        throw new SettingsException("layer", called => $"{called}: {Name} has no layer '{name}'. {near}");
    }

    /// <inheritdoc/>
    public void Dispose() => Module.Dispose();

    private static Tensor Normalized(Tensor pictures, ImagePreprocessing preprocessing)
    {
        var mean = Tensor.From(preprocessing.Mean.ToArray(), [3, 1, 1]).To(pictures.Device);
        var deviation = Tensor.From(preprocessing.Std.ToArray(), [3, 1, 1]).To(pictures.Device);
        return (pictures - mean) / deviation;
    }
}
