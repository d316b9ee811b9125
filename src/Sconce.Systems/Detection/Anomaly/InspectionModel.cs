using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sconce.Compilation;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>
/// What is known of good parts, with the network that looks: it says of a picture how far it is from good, and where. Several threads may
/// ask it.
/// </summary>
public sealed class InspectionModel : IDisposable
{
    private const string BankName = "memory_bank", ChannelsName = "idx";
    private const string MeanName = "gaussian.mean", AxesName = "gaussian.axes", WeightsName = "gaussian.weights";
    private readonly FeatureExtractor network;
    private CompiledModule? compiled, compiledBank;

    internal InspectionModel(InspectionContract contract, FeatureExtractor network, GoodPatches good) =>
        (Contract, this.network, Good) = (contract, network, good);

    /// <summary>What it says of itself.</summary>
    public InspectionContract Contract { get; }

    /// <summary>Bytes of what is known of good parts, without the network.</summary>
    public long Bytes => Good.Bytes;

    /// <summary>Whether <see cref="Compile"/> prepared the network.</summary>
    public bool IsCompiled => compiled is not null;

    internal GoodPatches Good { get; }

    /// <summary>Pictures as rows of features: <c>(N, patches, channels)</c>, and the grid's sides. In the scope around.</summary>
    internal static (Tensor Rows, int Height, int Width) Embed(
        InspectionContract contract, FeatureExtractor network, Tensor? channels, IReadOnlyList<Image> pictures, Device device)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var input = Tensor.Stack([.. pictures.Select(picture => contract.Preprocessing.Apply(picture.To8Bit()))]).To(device);
        using var embedding = new EmbeddingNetwork(contract.Method, network, channels);
        var grid = embedding.Grid(input);
        return (scope.Keep(PatchEmbedding.Rows(grid)), (int)grid.Size(2), (int)grid.Size(3));
    }

    /// <summary>Scores and maps from features; the maps as the network sees the picture.</summary>
    internal static IReadOnlyList<(double Score, float[] Map)> Score(
        InspectionContract contract, GoodPatches good, Tensor rows, int height, int width, CompiledModule? bank = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int size = contract.Preprocessing.Size, pictures = (int)rows.Size(0);
        Tensor patches, scores, maps;
        if (contract.Method == InspectionMethod.Padim)
        {
            patches = good.Gaussians!.Distance(rows);
            maps = PatchScores.Map(patches.Reshape([pictures, 1, height, width]), size, size, Interpolation.Bilinear, contract.Sigma);
            scores = PatchScores.Maximum(maps);
        }
        else
        {
            var flat = rows.Flatten(0, 1);
            (patches, var places) = bank is null
                ? PatchScores.Nearest(flat, good.Bank!, pictures) : BankLayer.Nearest(flat, bank, pictures);
            maps = PatchScores.Map(patches.Reshape([pictures, 1, height, width]), size, size, Interpolation.Nearest, contract.Sigma);
            scores = PatchScores.Weighted(patches, places, flat, good.Bank!, contract.Neighbours);
        }

        float[] values = scores.ToArray<float>(), pixels = maps.ToArray<float>();
        return [.. values.Select((score, k) => ((double)score, pixels.AsSpan(k * size * size, size * size).ToArray()))];
    }

    /// <summary>
    /// Prepares the network for this processor: seconds, after which each picture takes less. Answers differ in the last digits. Before it
    /// is asked by several threads.
    /// </summary>
    public void Compile()
    {
        if (compiled is not null) return;
        using var embedding = new EmbeddingNetwork(Contract.Method, network, Good.Channels);
        compiled = embedding.Compiled(Contract.Preprocessing.Size);
        if (Good.Bank is { } bank) compiledBank = BankLayer.Compiled(bank);
    }

    /// <summary>Looks at pictures of any size.</summary>
    /// <param name="pictures">Of any kind.</param>
    /// <param name="device">Where the network is; the processor where left out.</param>
    /// <param name="contract">The model's own with another threshold; its own where left out.</param>
    public IReadOnlyList<Inspection> Inspect(IReadOnlyList<Image> pictures, Device? device = null, InspectionContract? contract = null)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var asked = contract ?? Contract;
        using var scope = new TensorScope();
        var place = device ?? Device.Cpu;
        var (rows, height, width) = compiled is not null && place.Type == DeviceType.Cpu
            ? Embed(compiled, pictures)
            : Embed(Contract, network, Good.Channels, pictures, place);
        return
        [
            .. Score(asked, Good, rows.Cpu(), height, width, compiledBank)
                .Zip(pictures, (found, picture) => Inspection.Of(asked, found.Score, found.Map, picture.Width, picture.Height)),
        ];
    }

    /// <summary>Looks at one picture.</summary>
    public Inspection Inspect(Image picture) => Inspect([picture])[0];

    /// <summary>Positions of a grid as fine as the pictures are seen: maps are square as they are.</summary>
    private (Tensor Rows, int Height, int Width) Embed(CompiledModule embedding, IReadOnlyList<Image> pictures)
    {
        using var scope = new TensorScope();
        var rows = embedding.Call(Tensor.Stack([.. pictures.Select(picture => Contract.Preprocessing.Apply(picture.To8Bit()))]));
        int side = (int)Math.Sqrt(rows.Size(1));
        return (scope.Keep(rows), side, side);
    }

    /// <summary>Writes all of it as one file of safetensors: the network, what is known of good parts, and the contract.</summary>
    public void Save(string path, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var tensors = network.StateDict().Select(entry => ModelWeights.Describe(entry.Name, entry.Tensor.Contiguous())).ToList();
        if (Good.Bank is { } bank) tensors.Add(ModelWeights.Describe(BankName, bank));
        if (Good.Channels is { } channels) tensors.Add(ModelWeights.Describe(ChannelsName, channels));
        if (Good.Gaussians is { } gaussians)
        {
            tensors.Add(ModelWeights.Describe(MeanName, gaussians.Mean));
            tensors.Add(ModelWeights.Describe(AxesName, gaussians.Axes));
            tensors.Add(ModelWeights.Describe(WeightsName, gaussians.Weights));
        }

        var metadata = new Dictionary<string, string> { [InspectionContract.MetadataName] = Contract.ToJson() };
        CheckpointWriter.SaveSafetensors(path, tensors, metadata, cancellation);
    }

    /// <summary>Reads a model file back.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or lacks a tensor.</exception>
    /// <exception cref="InvalidDataException">It is no model of inspection, or its network is not the one that it says.</exception>
    public static InspectionModel Load(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        var said = checkpoint.Metadata
            .FirstOrDefault(entry => entry.Key.EndsWith(InspectionContract.MetadataName, StringComparison.Ordinal));
        if (said.Value is not string json)
        {
            throw new InvalidDataException($"{path} holds weights, but no model of inspection: that is what training on good parts writes");
        }

        var contract = InspectionContract.Read(json, path);
        var network = BackboneFeatures.Create(contract.Network, contract.Layers, contract.Preprocessing.Size);
        try
        {
            var options = new LoadOptions { Rename = key => key.StartsWith("net.", StringComparison.Ordinal) ? key : null };
            ModelWeights.Load(network, checkpoint, options);
            network.Eval();
            if (Hash(network) != contract.NetworkHash)
                throw new InvalidDataException($"{path}: the network is not the one that it was fitted with");
            Tensor Of(string name)
            {
                using var scope = new TensorScope();
                return scope.KeepForever(ModelWeights.ToTensor(checkpoint[name]));
            }

            bool padim = contract.Method == InspectionMethod.Padim;
            var good = padim
                ? new GoodPatches(null, new PatchGaussians(Of(MeanName), Of(AxesName), Of(WeightsName)), Of(ChannelsName))
                : new GoodPatches(Of(BankName), null, null);
            return new InspectionModel(contract, network, good);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        compiled?.Dispose();
        compiledBank?.Dispose();
        network.Dispose();
        Good.Dispose();
    }

    /// <summary>SHA-256 of a network's numbers, in the order of its keys.</summary>
    internal static string Hash(Module network)
    {
        using var scope = new TensorScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, tensor) in network.StateDict())
        {
            float[] numbers = tensor.Detach().Cpu().To(DType.Float32).ToArray<float>();
            hash.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What is known of good parts: a bank of patches, or Gaussians and the channels that they are over.</summary>
internal sealed record GoodPatches(Tensor? Bank, PatchGaussians? Gaussians, Tensor? Channels) : IDisposable
{
    public long Bytes => Gaussians?.Bytes ?? (4 * Bank!.Elements);

    public void Dispose()
    {
        Bank?.Dispose();
        Gaussians?.Dispose();
        Channels?.Dispose();
    }
}
