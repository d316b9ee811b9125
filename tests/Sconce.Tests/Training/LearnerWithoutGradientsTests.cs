using Sconce.Tests.Optim;
using Sconce.Tests.Weights;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>A learner that is no network, in the folder of a run: stumps that are boosted.</summary>
[Collection(LiveTensors.Name)]
public sealed class LearnerWithoutGradientsTests
{
    [Fact]
    public void It_is_saved_resumed_logged_and_shipped_as_a_network_is()
    {
        using var place = new TemporaryFolder();
        var (whole, stumps) = Fit(null, 12, 12);
        var (first, _) = Fit(place.Path, 12, 5);
        var (rest, resumed) = Fit(place.Path, 12, 12);
        Assert.Equal(whole, [.. first, .. rest]);
        Assert.Equal(stumps, resumed);
        Assert.True(whole[^1] < 0.3 * whole[0], $"{whole[0]} to {whole[^1]}");
        using var folder = RunFolder.Open(place.Path);
        Assert.Equal(12, File.ReadLines(folder.Log).Count());
        using var best = Checkpoint.Open(folder.Best, new CheckpointOptions { Wrapper = null, StripPrefix = "" });
        var model = (CheckpointDictionary)((CheckpointDictionary)best.Root!)["model"]!;
        Assert.Equal("stumps", model["kind"]);
        Assert.Equal([12, 4], ((CheckpointTensor)model["stumps"]!).Shape);
    }

    [Fact]
    public void A_state_that_is_of_something_else_says_what_is_missing()
    {
        using var place = new TemporaryFolder();
        Fit(place.Path, 3, 3);
        using var folder = RunFolder.Open(place.Path);
        Assert.Contains("no 'leaves': it has kind, stumps", Assert.Throws<CheckpointException>(() => folder.Resume(new Other())).Message,
            StringComparison.Ordinal);
    }

    private static (List<double> Errors, float[] Stumps) Fit(string? path, int rounds, int stopAfter)
    {
        using var folder = path is null ? null : RunFolder.Open(path);
        var learner = new Stumps();
        var run = folder?.Resume(learner) ?? new RunProgress();
        List<double> errors = [];
        while (run.Step < rounds && run.Step < stopAfter)
        {
            errors.Add(learner.Boost());
            run = run with { Step = run.Step + 1 };
            folder?.Write(new StepReport(run.Step, 0, errors[^1], double.NaN, double.NaN, 0, 0));
        }

        if (folder is not null)
        {
            folder.SaveBest(learner, new Evaluation(1, run.Step, errors.LastOrDefault(),
                new Dictionary<string, double> { ["error"] = errors.LastOrDefault() }));
            folder.Save(learner, run with { Finished = run.Step == rounds });
        }

        return (errors, [.. learner.Trees]);
    }

    /// <summary>y = sin x by the sum of steps: each takes the threshold that leaves the least squared error.</summary>
    private sealed class Stumps : ISavedState
    {
        private static readonly float[] Inputs = [.. Enumerable.Range(0, 40).Select(k => k / 10f)];

        public List<float> Trees { get; } = [];

        public double Boost()
        {
            float[] rest = [.. Inputs.Select(x => MathF.Sin(x) - Answer(x))];
            var best = Inputs.Skip(1).Select(at =>
            {
                float left = rest.Where((_, k) => Inputs[k] < at).Average(), right = rest.Where((_, k) => Inputs[k] >= at).Average();
                return (At: at, Left: left, Right: right,
                    Error: rest.Select((value, k) => Math.Pow(value - (Inputs[k] < at ? left : right), 2)).Sum());
            }).MinBy(stump => stump.Error);
            Trees.AddRange([best.At, best.Left, best.Right, 1]);
            return best.Error;
        }

        public void Save(SavedState state) => state.Set("kind", "stumps").Set("stumps", Tensor.From(Trees.ToArray(), [Trees.Count / 4, 4]));

        public void Load(SavedState state)
        {
            if (state.Text("kind") != "stumps") throw new ArgumentException("these are no stumps");
            float[] saved = state.Tensor("stumps").ToArray<float>();
            Trees.Clear();
            Trees.AddRange(saved);
        }

        private float Answer(float x) => Trees.Chunk(4).Sum(stump => x < stump[0] ? stump[1] : stump[2]);
    }

    private sealed class Other : ISavedState
    {
        public void Save(SavedState state) => state.Set("leaves", 3L);

        public void Load(SavedState state) => state.Count("leaves");
    }
}
