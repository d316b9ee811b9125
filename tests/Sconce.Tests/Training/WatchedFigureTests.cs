using Sconce.Data;
using Sconce.Metrics;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>Numbers of a run that are none are refused or explained.</summary>
public sealed class WatchedFigureTests
{
    [Fact]
    public void A_watched_figure_that_is_no_number_from_the_first_epoch_ends_the_run_with_advice()
    {
        using var run = new PlainRun();
        var program = run.Program(LearningRateSchedule.Constant(0.01));
        var trainer = new Trainer<ImageBatch>(program, run.Batches, new TrainerOptions { Epochs = 3, Watched = "auroc" })
        {
            Evaluate = _ => new FigureSet { { "auroc", double.NaN }, { "accuracy", 1 } },
        };
        var error = Assert.Throws<TrainingException>(() => trainer.Run());
        Assert.Contains("'auroc' is NaN after epoch 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Watch another one (accuracy)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stochastic_average_is_evaluated_with_the_loss_of_the_last_epoch()
    {
        using var run = new PlainRun();
        var program = run.Program(LearningRateSchedule.Constant(0.01), WeightAveraging.Stochastic());
        var trainer = new Trainer<ImageBatch>(program, run.Batches, new TrainerOptions { Epochs = 2 })
        {
            Evaluate = _ => new FigureSet { { "accuracy", 1 } },
            Stepped = report => run.Losses.Add(report.Loss),
        };
        var evaluation = Assert.Single(trainer.Run().Progress.History);
        Assert.Equal(run.Losses.TakeLast(6).Average(), evaluation.TrainLoss, 1e-9);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void The_names_of_a_classifier_s_figures_are_known_before_the_first_evaluation(int classes)
    {
        using var scope = new TensorScope();
        var metrics = new ClassificationMetrics(classes);
        metrics.Add(Tensor.Randn([4, classes]), Tensor.From([0L, 1, 0, 1]));
        Assert.Equal(metrics.Figures().Keys, ClassificationMetrics.Names(classes));
    }

    [Fact]
    public void A_figure_that_was_asked_for_is_never_replaced()
    {
        Assert.Equal("AP", WatchedFigure.Settle(null, "AP", ["AP", "AP50"]));
        Assert.Equal("AP50", WatchedFigure.Settle("AP50", "AP", ["AP", "AP50"]));
        Assert.Contains("cannot be 'accuracy': this run's evaluations give AP, AP50",
            Assert.Throws<UsageException>(() => WatchedFigure.Settle("accuracy", "AP", ["AP", "AP50"])).Message, StringComparison.Ordinal);
    }
}
