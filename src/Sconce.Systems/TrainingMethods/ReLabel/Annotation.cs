using System.Collections.Concurrent;
using System.Text;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Files;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>The maps of a run's training pictures, made once by its annotator and kept in files; what was made before a stop is not made
/// again. 2101.05022 §3.1.</summary>
internal static class Annotation
{
    private const string About = "annotator.txt";

    /// <summary>Finds the maps, or has them made.</summary>
    /// <exception cref="UsageException">The annotator leaves no maps, or those in the folder are another's.</exception>
    internal static ILabelMapSource Maps(ClassifierRun run)
    {
        var settings = run.Configuration.Of<ReLabelSettings>();
        string root = settings.Maps!;
        var source = new LabelMapFolder(root);
        if (settings.Annotator is { } place)
        {
            var found = TeacherNetwork.Find(run.Setup, place, settings.AnnotatorNetwork, run.Data.Classes,
                ("annotator", "annotatorNetwork"));
            int size = settings.AnnotatorSize ?? found.Preprocessing.Size;
            Directory.CreateDirectory(root);
            Agree(root, $"{found.Variant.Name}\n{Path.GetFullPath(found.Weights)}\n{size} pixels, {settings.Top} classes a cell\n");
            Make(run, found, size, Math.Min(settings.Top, run.Data.Classes.Count), source);
        }
        else if (!Directory.Exists(root))
        {
            throw new SettingsException("maps", called => $"{called}: there is no folder '{root}', and no annotator to make them");
        }

        return new RememberedMaps(source, run.Data.Train.Count);
    }

    /// <summary>Maps of two annotators in one folder would be taken for one's.</summary>
    private static void Agree(string root, string annotator)
    {
        string file = Path.Combine(root, About);
        if (!File.Exists(file)) AtomicFile.Write(file, Encoding.UTF8.GetBytes(annotator));
        string before = RegularFile.ReadAllText(file);
        if (before != annotator)
            throw new UsageException($"the maps in {root} were made otherwise "
                + $"({before.Trim().Replace("\n", ", ", StringComparison.Ordinal)}): remove them, or name another folder for maps");
    }

    private static void Make(ClassifierRun run, TrainedNetwork found, int size, int top, LabelMapFolder source)
    {
        var data = run.Data.Train;
        var files = Enumerable.Range(0, data.Count).Select(k => source.FileOf(data.NameOf(k)) + ".npy").ToList();
        if (files.GroupBy(file => file).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new DataException($"two pictures would have one label map, {twice.Key}: give them names that differ before "
                + $"the first dot");
        int[] missing = [.. Enumerable.Range(0, data.Count).Where(k => !source.Has(data.NameOf(k)))];
        if (missing.Length == 0) return;
        using var annotator = TeacherNetwork.Load(found, run.Data.Classes.Count, run.Device);
        var options = ConfiguredParts.Loading(run.Configuration, run.Setup.Fault);
        var loader = ImageLoader.Create(data.Subset(missing), [new Resize(size, size, found.Preprocessing.Filter)], options,
            found.Preprocessing.Mean, found.Preprocessing.Std);
        var mapper = new LastMap(annotator, found.Variant);
        int done = data.Count - missing.Length;
        ClassifierEvaluation.Each(
            loader,
            batch =>
            {
                var (scores, classes) = LabelMaps.Top(mapper.Of(batch.Images.To(run.Device)), top); // 2 x (N, top, S, S)
                var stored = Tensor.Stack([scores, classes.Float()], 1).Cpu(); // (N, 2, top, S, S)
                for (int k = 0; k < batch.Count; k++)
                {
                    string file = files[missing[batch.Indices[k]]];
                    Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                    var map = stored[k].Contiguous();
                    NpyWriter.Save(file, TensorData.Of("map", DType.Float32, map.Shape, map.ToArray<float>()));
                }

                done += batch.Count;
                run.Setup.Progress?.Report(new WorkProgress("label maps", done, data.Count));
            },
            run.Setup.Cancellation);
    }
}

/// <summary>The map of logits before a classifier's global mean: its linear classifier at every cell of its last map.</summary>
/// <param name="network">In evaluation.</param>
/// <param name="variant">Says where the classifier is.</param>
internal sealed class LastMap(Module<Tensor, Tensor> network, ModelVariant variant)
{
    private const double Tolerance = 1e-2;
    private bool verified;

    /// <summary><c>(N, 3, H, W) -> (N, classes, S, S)</c></summary>
    /// <exception cref="UsageException">The network's answer is no mean of such a map.</exception>
    internal Tensor Of(Tensor pictures)
    {
        var state = network.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        string head = variant.Get<ImageClassifier>().Head;
        if (!state.TryGetValue(head + ".weight", out var weight) || weight.Dimensions != 2)
            throw Unfit("it has no linear classifier");
        using var scope = new TensorScope();
        using var watcher = new Watcher(weight.Size(1));
        Tensor logits;
        using (watcher.Watch()) logits = network.Call(pictures).Float();
        var features = watcher.Last ?? throw Unfit("it has no map of its classifier's width");
        if (features.Size(2) != features.Size(3)) throw Unfit("its map is not square");
        var map = LabelMaps.Annotate(features.Float(), weight, state.GetValueOrDefault(head + ".bias"));
        if (!verified)
        {
            double apart = (map.Mean([2, 3]) - logits).Abs().Max().Item<double>();
            if (!(apart <= Tolerance * Math.Max(1, logits.Abs().Max().Item<double>())))
                throw Unfit("the mean of its map is not its answer");
            verified = true;
        }

        return scope.Keep(map);
    }

    private SettingsException Unfit(string why) => new("annotator", called =>
        $"{called}: {variant.Name} leaves no label maps, since {why}: take a classifier that ends in "
        + "the mean of a map and one linear layer, such as a ResNet, RegNet or EfficientNet");

    /// <summary>Keeps the last map of a width that any module of the network gave.</summary>
    private sealed class Watcher(long width) : ModuleObserver, IDisposable
    {
        internal Tensor? Last { get; private set; }

        public void Dispose() => Last?.Dispose();

        protected override void Called(Module module, object? output)
        {
            if (output is not Tensor { Dimensions: 4 } map || map.Size(1) != width || map.Size(2) * map.Size(3) == 1) return;
            Last?.Dispose();
            Last = map.Hold();
        }
    }
}

/// <summary>Maps that stay in memory once read, as far as there is room.</summary>
/// <param name="files">Where they come from.</param>
/// <param name="count">How many there are.</param>
internal sealed class RememberedMaps(ILabelMapSource files, int count) : ILabelMapSource
{
    private const long Room = 512L << 20;
    private readonly ConcurrentDictionary<string, StoredLabelMap> known = new();

    /// <inheritdoc/>
    public StoredLabelMap Of(ImageExample example)
    {
        if (known.TryGetValue(example.Name, out var map)) return map;
        map = files.Of(example);
        long bytes = 8L * map.Top * map.Size * map.Size;
        if (bytes * count <= Room) known[example.Name] = map;
        return map;
    }
}
