using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>Both stages with their weights: draws codes, and paints them.</summary>
internal sealed class CodePainter : IDisposable
{
    private readonly Net2Net network;
    private readonly Device device;
    private readonly string name;
    private readonly int classes;

    internal CodePainter(OpenRequest request)
    {
        (device, name) = (request.Device, request.Name);
        network = request.Network<Net2Net>();
        classes = request.Classes?.Count ?? network.Config.Transformer.Vocabulary;
    }

    private int ConditionChannels => network.Config.ConditionStage!.Autoencoder.InputChannels;

    private AutoencoderConfig Autoencoder => network.Config.FirstStage.Autoencoder;

    public void Dispose() => network.Dispose();

    /// <summary>Codes along a side of so many pixels.</summary>
    /// <exception cref="SettingsException">It is no multiple of a code, or smaller than what the network learned.</exception>
    internal int CodesAlong(string setting, int? pixels)
    {
        int code = Autoencoder.Downsampling, least = Autoencoder.Resolution, asked = pixels ?? least;
        return asked >= least && asked % code == 0
            ? asked / code
            : throw new SettingsException(
                setting, called => $"{called} is {asked}: {name} paints {least} pixels or more, in multiples of {code}");
    }

    /// <summary>Whether the network is told what it must be told, and nothing else.</summary>
    /// <exception cref="SettingsException">It is not.</exception>
    internal void Verify(CodeConditionSettings settings)
    {
        var kind = network.Config.Condition;
        if (kind == CodeCondition.Tokens) throw new UsageException($"{name} continues tokens that no setting gives");
        if (kind == CodeCondition.Class && settings.Class is null) throw Wanted("class", "makes pictures by class: name one by its number");
        if (kind != CodeCondition.Class && settings.Class is not null) throw Wanted("class", "knows no classes");
        if (settings.Class >= classes) throw Wanted("class", $"knows no class beyond {classes - 1}");
        if (new[] { settings.From, settings.Depth, settings.Segmentation }.Count(picture => picture is not null) > 1)
        {
            throw new SettingsException(
                "from", called => $"{called}, depth and segmentation are one thing to {name}: name one picture to follow");
        }

        string named = settings.Depth is not null ? "depth" : settings.Segmentation is not null ? "segmentation" : "from";
        if (kind == CodeCondition.Picture && settings.Followed is null) throw Wanted(named, "makes pictures from pictures: name one");
        if (kind != CodeCondition.Picture && settings.Followed is not null) throw Wanted(named, "follows no picture");
        if (network.Config.ConditionStage is not { Autoencoder.InputChannels: var channels }) return;
        bool isDepth = channels == 1, isLabels = VqPictures.AreLabels(channels);
        if (settings.Depth is not null && !isDepth) throw Wanted(named, "follows no depth map");
        if (settings.Segmentation is not null && !isLabels) throw Wanted(named, "follows no map of labels");
    }

    /// <summary>The codes of a picture's middle, <c>(1, h, w)</c>.</summary>
    internal Tensor CodesOf(Image picture)
    {
        using var scope = new TensorScope();
        int side = Autoencoder.Resolution;
        var middle = VqPictures.Middle(picture, side, side, Autoencoder.InputChannels).To(device);
        return scope.Keep(network.FirstStageModel.CodesOf(middle));
    }

    /// <summary>Pictures of codes, those that are -1 drawn first: <c>(N, h, w) -> (N, C, H, W)</c>.</summary>
    internal Tensor Paint(Tensor codes, CodeConditionSettings settings, TokenSampler sampler, IReadOnlyList<Generator> chance, Drawn drawn)
    {
        using var scope = new TensorScope();
        int rows = (int)codes.Size(1), columns = (int)codes.Size(2), all = rows * columns, window = network.Config.Grid;
        int codebook = network.Config.FirstStage.Codes;
        codes = codes.To(device);
        var before = network.ConditionTokens(Condition(settings, rows, columns), codes.Size(0)).To(device).Expand([codes.Size(0), -1]);
        if (rows == window && columns == window)
        {
            var order = Tensor.From(Permuter.Order(network.Config.Order, rows, columns)).To(device);
            var tokens = CodeSampling.Fill(
                network.Transformer, before, codes.Flatten(1).IndexSelect(1, order), sampler, chance, count => drawn.Tell(count, all),
                codebook);
            return scope.Keep(network.Decode(tokens, rows, columns));
        }

        if (network.Config.Order != CodeOrder.Identity)
        {
            throw new UsageException($"{name} draws codes in the order {network.Config.Order}, through which no window slides");
        }

        bool isGrid = network.Config.Condition is CodeCondition.Picture or CodeCondition.Coordinates;
        var shown = isGrid ? before.Reshape([-1, rows, columns]) : before;
        var grid = CodeSampling.SlidingWindow(
            network.Transformer, shown, codes, window, sampler, chance, count => drawn.Tell(count, all), codebook);
        return scope.Keep(network.FirstStageModel.DecodeCodes(grid));
    }

    private Tensor? Condition(CodeConditionSettings settings, int rows, int columns)
    {
        int height = rows * Autoencoder.Downsampling, width = columns * Autoencoder.Downsampling;
        return network.Config.Condition switch
        {
            CodeCondition.Class => Tensor.From<long>([settings.Class!.Value]),
            CodeCondition.Coordinates => CoordinateCodes.Map(height, width),
            CodeCondition.Picture => VqPictures.Middle(settings.Followed!.Image, height, width, ConditionChannels).To(device),
            _ => null,
        };
    }

    private SettingsException Wanted(string setting, string what) => new(setting, called => $"{called}: {name} {what}");
}
