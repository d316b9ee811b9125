using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>What a classifier answered to pictures, layer by layer, at one time.</summary>
/// <param name="Layers">
/// Each layer's name with a row a picture: <c>softmax</c>, <c>logits</c>, and the means over places of the last stages before them.
/// </param>
public sealed record NetworkOutputs(IReadOnlyList<(string Name, int Width, float[] Rows)> Layers)
{
    /// <summary>The layer of probabilities.</summary>
    public const string Softmax = "softmax";

    /// <summary>The layer of scores.</summary>
    public const string Logits = "logits";

    private const int Stages = 2;

    /// <summary>The pictures' numbers in their set, a row each: those that could be read.</summary>
    public IReadOnlyList<int> Items { get; init; } = [];

    /// <summary>Asks a network about every picture of a source; it is left in evaluation.</summary>
    /// <param name="network"><c>(N, 3, H, W) -> (N, classes)</c></param>
    /// <param name="batches">Of prepared pictures.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    public static NetworkOutputs Of(
        Module<Tensor, Tensor> network, IBatchSource<ImageBatch> batches, Device device, CancellationToken cancellation = default)
    {
        var rows = new Dictionary<string, List<float>>(StringComparer.Ordinal);
        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        var items = new List<int>();
        network.Eval();
        var stages = network.Children().DistinctBy(child => child.Module).ToDictionary(child => child.Module, child => child.Key);
        ClassifierEvaluation.Each(
            batches,
            batch =>
            {
                using var watched = new StageMeans(stages);
                Tensor logits;
                using (watched.Watch()) logits = network.Call(batch.Images.To(device)).Float();
                items.AddRange(batch.Indices);
                Add(Softmax, logits.Softmax(-1));
                Add(Logits, logits);
                foreach (var (name, mean) in watched.Found(logits).TakeLast(Stages)) Add(name, mean);
            },
            cancellation);
        return new NetworkOutputs([.. rows.Select(layer => (layer.Key, widths[layer.Key], layer.Value.ToArray()))]) { Items = items };

        void Add(string name, Tensor values)
        {
            widths[name] = (int)values.Size(1);
            if (!rows.TryGetValue(name, out var all)) rows[name] = all = [];
            all.AddRange(values.Float().Cpu().ToArray<float>());
        }
    }

    /// <summary>Means over places of what the network's direct parts answered.</summary>
    private sealed class StageMeans(Dictionary<Module, string> stages) : ModuleObserver, IDisposable
    {
        private readonly List<(string Name, Tensor Mean)> found = [];

        public void Dispose() => found.ForEach(stage => stage.Mean.Dispose());

        /// <summary>Each stage once, without the classifier.</summary>
        public IEnumerable<(string Name, Tensor Mean)> Found(Tensor logits) => found
            .Where(stage => stage.Mean.Size(1) > 2 && stage.Mean.Size(1) != logits.Size(1) && stage.Mean.Size(0) == logits.Size(0))
            .DistinctBy(stage => stage.Name);

        protected override void Called(Module module, object? output)
        {
            if (output is not Tensor tensor || !stages.TryGetValue(module, out string? name)) return;
            using var scope = new TensorScope();
            var mean = tensor.Dimensions switch { 4 => tensor.Mean([2, 3]), 3 => tensor.Mean([1]), 2 => tensor, _ => null };
            if (mean is not null) found.Add((name, mean.Hold()));
        }
    }
}

/// <summary>
/// A network's answers to the same pictures after each epoch, as a run keeps them (<c>samples/0007-outputs.safetensors</c>).
/// </summary>
/// <param name="Names">Of the pictures.</param>
/// <param name="Labels">Their classes; -1 where unknown.</param>
/// <param name="Epochs">Each epoch's number and answers, in order.</param>
public sealed record KeptOutputs(
    IReadOnlyList<string> Names, IReadOnlyList<int> Labels, IReadOnlyList<(int Epoch, NetworkOutputs Outputs)> Epochs)
{
    /// <summary>Pictures that are kept at most.</summary>
    public const int Most = 1000;

    private const string File = "outputs.safetensors", LabelsName = "labels", NamesName = "names";

    /// <summary>The first pictures of each class, as many of each, in the set's order.</summary>
    public static IReadOnlyList<int> Choose(IReadOnlyList<int> labels, int most = Most)
    {
        if (labels.Count <= most) return [.. Enumerable.Range(0, labels.Count)];
        var rank = new Dictionary<int, int>();
        return
        [
            .. labels.Select((label, place) => (Place: place, Rank: rank[label] = rank.GetValueOrDefault(label) + 1))
                .OrderBy(item => item.Rank).ThenBy(item => item.Place).Take(most).Select(item => item.Place).Order(),
        ];
    }

    /// <summary>Keeps an epoch's answers.</summary>
    /// <param name="samples">Where.</param>
    /// <param name="names">Of all pictures of the set.</param>
    /// <param name="labels">Of all pictures of the set.</param>
    /// <param name="outputs">To those that could be read.</param>
    public static void Write(SampleFolder samples, IReadOnlyList<string> names, IReadOnlyList<int> labels, NetworkOutputs outputs) =>
        Write(samples.File(File), names, labels, outputs);

    /// <summary>The same under a path.</summary>
    public static void Write(string path, IReadOnlyList<string> names, IReadOnlyList<int> labels, NetworkOutputs outputs)
    {
        int count = outputs.Items.Count;
        long[] told = [.. outputs.Items.Select(item => (long)labels[item])];
        var tensors = outputs.Layers.Select(layer => TensorData.Of(
            layer.Name, DType.Float16, [count, layer.Width], layer.Rows.Select(value => (Half)value).ToArray()));
        CheckpointWriter.SaveSafetensors(
            path,
            [TensorData.Of(LabelsName, DType.Int64, [count], told), .. tensors],
            new Dictionary<string, string>
            {
                [NamesName] = string.Join('\n', outputs.Items.Select(item => names[item].ReplaceLineEndings(" "))),
            });
    }

    /// <summary>What a run kept; null where it kept nothing.</summary>
    /// <param name="run">Its folder.</param>
    /// <exception cref="CheckpointException">A file is damaged.</exception>
    public static KeptOutputs? Read(string run)
    {
        string folder = Path.Combine(run, SampleFolder.Name);
        if (!Directory.Exists(folder)) return null;
        string[] files = [.. Directory.EnumerateFiles(folder, "*-" + File).Order(StringComparer.Ordinal)];
        KeptOutputs? kept = null;
        foreach (string file in files)
        {
            using var checkpoint = Checkpoint.Open(file);
            string[] names = (checkpoint.Metadata.GetValueOrDefault(NamesName) as string ?? "").Split('\n');
            int[] labels = [.. checkpoint[LabelsName].ToArray<long>().Select(label => (int)label)];
            int epoch = int.TryParse(Path.GetFileName(file).Split('-')[0], out int number) ? number : files.Length;
            var layers = checkpoint.Tensors.Where(tensor => tensor.Name != LabelsName)
                .Select(tensor => (tensor.Name, (int)tensor.Shape[1], tensor.ToArray<Half>().Select(value => (float)value).ToArray()));
            // An earlier run's files of other pictures do not go with the later ones.
            if (kept is not null && !kept.Names.SequenceEqual(names)) kept = null;
            kept = new KeptOutputs(names, labels, [.. kept?.Epochs ?? [], (epoch, new NetworkOutputs([.. layers]))]);
        }

        return kept;
    }
}
