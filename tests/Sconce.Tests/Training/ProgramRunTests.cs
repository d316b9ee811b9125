using Sconce.Data;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Tests.Optim;
using Sconce.Tests.Weights;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>The frame of runs that are a plan of parts.</summary>
[Collection(LiveTensors.Name)]
public sealed class ProgramRunTests
{
    [Fact]
    public void What_was_built_is_freed_where_building_fails_the_last_first()
    {
        List<string> freed = [];
        Assert.Throws<UsageException>(() => ProgramRun<ImageBatch>.Open(owned =>
        {
            owned.Own(new Part(() => freed.Add("network")));
            owned.Own(new Part(() => freed.Add("player")));
            throw new UsageException("another network");
        }));
        Assert.Equal(["player", "network"], freed);
    }

    [Fact]
    public void A_run_frees_its_parts_once()
    {
        int freed = 0;
        var run = ProgramRun<ImageBatch>.Open(owned =>
        {
            owned.Own(new Part(() => freed++));
            return Plan(owned);
        });
        Assert.Equal(0, freed);
        run.Dispose();
        run.Dispose();
        Assert.Equal(1, freed);
    }

    [Fact]
    public void A_check_shows_a_batch_and_learns_it()
    {
        using var folder = new TemporaryFolder();
        string picture = Path.Combine(folder.Path, "check.png");
        using var run = ProgramRun<ImageBatch>.Open(owned => Plan(owned) with { View = View });
        var findings = run.Check(picture, TestContext.Current.CancellationToken);
        Assert.Equal(["a batch", "the loss of classifier"], findings.Select(finding => finding.Name));
        Assert.Equal($"{picture}: look whether it is grey", findings[0].Detail);
        Assert.True(findings[1].Passed, findings[1].Detail);
        Assert.Equal(5, Image.Load(picture).Width);
    }

    [Fact]
    public void What_a_view_draws_at_random_does_not_change_the_check()
    {
        using var folder = new TemporaryFolder();
        string picture = Path.Combine(folder.Path, "check.png");
        Assert.Equal(Said(View), Said(batch =>
        {
            Tensor.Rand([100]);
            return View(batch);
        }));

        string Said(Func<ImageBatch, BatchView> view)
        {
            using var run = ProgramRun<ImageBatch>.Open(owned => Plan(owned) with { View = view });
            return run.Check(picture, TestContext.Current.CancellationToken)[1].Detail;
        }
    }

    [Fact]
    public void The_picture_of_data_that_cannot_be_learned_is_there_to_be_looked_at()
    {
        using var folder = new TemporaryFolder();
        string picture = Path.Combine(folder.Path, "check.png");
        using var run = ProgramRun<ImageBatch>.Open(
            owned => Plan(owned, new PlainBatches(6, 8, double.NaN, (0, 0))) with { View = View });
        Assert.Throws<TrainingException>(() => run.Check(picture, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(picture));
    }

    [Fact]
    public void A_check_of_first_steps_makes_as_many_as_an_epoch_has_and_draws_nothing()
    {
        using var folder = new TemporaryFolder();
        string picture = Path.Combine(folder.Path, "check.png");
        using var run = ProgramRun<ImageBatch>.Open(owned => Plan(owned) with { View = View, ChecksFirstSteps = true });
        var finding = Assert.Single(run.Check(picture, TestContext.Current.CancellationToken));
        Assert.Equal(("first steps", true), (finding.Name, finding.Passed));
        Assert.StartsWith("loss ", finding.Detail, StringComparison.Ordinal);
        Assert.False(File.Exists(picture));
    }

    [Fact]
    public void A_run_keeps_its_parts_before_it_trains_and_is_judged_by_its_figures()
    {
        using var place = new TemporaryFolder();
        List<string> order = [];
        using var run = ProgramRun<ImageBatch>.Open(owned => Plan(owned) with
        {
            Keep = folder => order.Add($"kept in {Path.GetFileName(folder?.Folder)}"),
            Evaluate = _ =>
            {
                order.Add("judged");
                return new() { { "accuracy", 0.5 } };
            },
        });
        using var folder = RunFolder.Open(Path.Combine(place.Path, "run"));
        var result = run.Train(folder, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["kept in run", "judged"], order);
        Assert.Equal(0.5, result.Best!.Figures["accuracy"]);
    }

    private static RunPlan<ImageBatch> Plan(OwnedParts owned, PlainBatches? batches = null)
    {
        var configuration = new RunConfiguration("plain", "classifier", new ClassifierSettings { Run = new() { Epochs = 1, Seed = 1 } });
        var plain = owned.Own(new PlainRun());
        return new RunPlan<ImageBatch>(
            configuration, plain.Program(LearningRateSchedule.Constant(0.1)), batches ?? plain.Batches)
        {
            Summary = "numbers",
        };
    }

    private static BatchView View(ImageBatch batch) => new(new Image(5, 4), "a batch", "look whether it is grey");

    private sealed class Part(Action freed) : IDisposable
    {
        public void Dispose() => freed();
    }
}
