using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>What a run's checkpoint is made of beside its progress; what a run has not is null or empty.</summary>
/// <param name="Network">Everything with weights.</param>
/// <param name="Players">Optimisers and averages.</param>
/// <param name="Program">What the program, or a learner without gradients, keeps.</param>
/// <param name="Source">What a source keeps that cannot be replayed.</param>
internal sealed record RunContents(Module? Network, IReadOnlyList<PlayerState> Players, ISavedState? Program, ISavedState? Source)
{
    /// <summary>A learner without gradients.</summary>
    public static RunContents Of(ISavedState learner) => new(null, [], learner, null);
}

/// <summary>
/// <c>last.ckpt</c>: a file that <c>torch.load</c> reads, with the keys <c>model</c> (a state dict), <c>averages</c> and <c>optimizers</c>
/// (by player), <c>program</c>, <c>source</c>,
/// <c>random</c> (the generators' states), <c>progress</c> and <c>configuration</c> (JSON). It is replaced as a whole or not at all. Files
/// of the first format, which knew one
/// player without a name, are read too.
/// </summary>
internal static class RunCheckpoint
{
    private const string Format = "sconce run 2", FirstFormat = "sconce run 1";

    /// <summary>Writes everything.</summary>
    public static void Save(string path, RunContents contents, RunProgress progress, string configuration)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var tree = new OrderedDictionary<string, object?>
        {
            ["format"] = Format,
            ["progress"] = progress.ToJson(),
            ["configuration"] = configuration,
        };
        if (contents.Network is { } network) tree["model"] = Model(network);
        tree["averages"] = contents.Players.Where(player => player.Average is not null)
            .ToDictionary(player => player.Player.Name, player => (object?)Tree(player.Average!.State()));
        tree["optimizers"] = contents.Players.ToDictionary(player => player.Player.Name, player => (object?)Tree(player.Optimizer.State()));
        if (contents.Program is { } program) tree["program"] = Tree(program);
        if (contents.Source is { } source) tree["source"] = Tree(source);
        tree["random"] = RandomStates.Save().ToTree();
        CheckpointWriter.SavePyTorchTree(path, tree);
    }

    /// <summary>A network's state dict for the writer; the scope around must outlive the writing.</summary>
    public static StateDict Model(Module network)
    {
        var shared = new Dictionary<nint, StorageData>();
        return new StateDict([.. network.StateDict().Select(entry => ModelWeights.Describe(entry.Name, entry.Tensor, shared))]);
    }

    /// <summary>What something keeps, for the writer.</summary>
    public static Dictionary<string, object?> Tree(ISavedState saved)
    {
        var state = new SavedState();
        saved.Save(state);
        return state.ToTree();
    }

    /// <summary>Reads everything back. Nothing is changed unless players and network fit.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another network.</exception>
    public static RunProgress Load(string path, RunContents contents)
    {
        using var scope = new TensorScope();
        using var checkpoint = Open(path, out var root);
        try
        {
            var progress = RunProgress.FromJson(Text(root, "progress"));
            var players = contents.Players.Select(player =>
                (player, Optimizer: OptimizerOf(root, player, contents.Players), Average: AverageOf(root, player))).ToList();
            var program = contents.Program is null ? null : Part(root, "program");
            var source = contents.Source is null
                ? null : Part(root, "source") ?? throw new ArgumentException("it holds no state of a source of data");
            var random = Part(root, "random") ?? throw new ArgumentException("the states of random numbers are missing");
            if (contents.Network is { } network) ModelWeights.Load(network, checkpoint);
            foreach (var (player, optimizer, average) in players)
            {
                if (average is not null) player.Average!.Load(average);
                player.Optimizer.Load(optimizer);
            }

            contents.Program?.Load(program ?? new SavedState());
            if (source is not null) contents.Source!.Load(source);
            RandomStates.Restore(random);
            return progress;
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidCastException or ArgumentException
            or System.Text.Json.JsonException or TorchException)
        {
            throw new CheckpointException(path, $"it does not fit this run: {error.Message}", error);
        }
    }

    /// <summary>The configuration and the progress alone.</summary>
    public static (RunProgress Progress, string Configuration) Peek(string path)
    {
        using var checkpoint = Open(path, out var root);
        try
        {
            return (RunProgress.FromJson(Text(root, "progress")), Text(root, "configuration"));
        }
        catch (Exception error) when (error is KeyNotFoundException or System.Text.Json.JsonException)
        {
            throw new CheckpointException(path, $"it is no checkpoint that a run can go on from: {error.Message}", error);
        }
    }

    private static Checkpoint Open(string path, out CheckpointDictionary root)
    {
        var checkpoint = Checkpoint.Open(path,
            new CheckpointOptions { Wrapper = null, Checksums = ChecksumScope.Everything, StripPrefix = "" });
        root = checkpoint.Root as CheckpointDictionary ?? new CheckpointDictionary();
        if (root.TryGetValue("format", out object? format) && format is Format or FirstFormat) return checkpoint;
        checkpoint.Dispose();
        throw new CheckpointException(
            path, "it is no checkpoint of a run, so training cannot go on from it: choose another folder, or start from its weights")
        {
            Remedy = Remedy.StartFromWeights,
        };
    }

    private static string Text(CheckpointDictionary root, string key) =>
        root[key] as string ?? throw new KeyNotFoundException($"'{key}' is no text");

    private static SavedState? Part(CheckpointDictionary root, string key) =>
        root.TryGetValue(key, out object? part) && part is CheckpointDictionary tree ? SavedState.FromTree(tree) : null;

    private static TrainingState OptimizerOf(CheckpointDictionary root, PlayerState player, IReadOnlyList<PlayerState> players)
    {
        if (root["format"] is FirstFormat)
        {
            return players.Count == 1 ? State(root["optimizer"])
                : throw new ArgumentException(
                    $"it has one player without a name, and this run has {Names(players.Select(known => known.Player.Name))}");
        }

        var named = As<CheckpointDictionary>(root["optimizers"], "optimizers");
        if (named.TryGetValue(player.Player.Name, out object? state)) return State(state);
        throw new ArgumentException($"it has the players {Names(named.Select(entry => $"{entry.Key}"))}, and this run has "
            + $"{Names(players.Select(known => known.Player.Name))}");
    }

    private static TrainingState? AverageOf(CheckpointDictionary root, PlayerState player)
    {
        if (player.Average is null) return null;
        if (root["format"] is FirstFormat) return State(root["average"]);
        return As<CheckpointDictionary>(root["averages"], "averages").TryGetValue(player.Player.Name, out object? state)
            ? State(state)
            : throw new ArgumentException($"it holds no average of {player.Player.Name}'s weights: was it begun with other settings?");
    }

    private static string Names(IEnumerable<string> names) => string.Join(" and ", names);

    private static Dictionary<string, object?> Tree(TrainingState state)
    {
        var shared = new Dictionary<nint, StorageData>();
        return new()
        {
            ["tensors"] = state.Tensors.ToDictionary(entry => entry.Key,
                entry => (object?)ModelWeights.Describe(entry.Key, entry.Value, shared)),
            ["numbers"] = state.Numbers.ToDictionary(entry => entry.Key, entry => (object?)entry.Value),
        };
    }

    private static TrainingState State(object? tree)
    {
        if (tree is not CheckpointDictionary state)
            throw new KeyNotFoundException("a part of the run's state is missing: was it begun with other settings?");
        return new TrainingState(
            Entries(state, "tensors").ToDictionary(entry => entry.Name,
                entry => ModelWeights.ToTensor(As<CheckpointTensor>(entry.Value, entry.Name))),
            Entries(state, "numbers").ToDictionary(entry => entry.Name, entry => As<double>(entry.Value, entry.Name)));
    }

    private static IEnumerable<(string Name, object? Value)> Entries(CheckpointDictionary state, string key) =>
        As<CheckpointDictionary>(state[key], key).Select(entry => (As<string>(entry.Key, key), entry.Value));

    private static T As<T>(object? value, string name) =>
        value is T typed ? typed : throw new InvalidCastException($"'{name}' is {(value is null ? "None" : $"a {value.GetType().Name}")}");
}
