using Sconce.Catalogue;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Runs;

/// <summary>Runs of a system's methods in a folder of a test's own, as the command leaves them.</summary>
internal sealed class RunTrial(string root, params CatalogueSystem[] systems)
{
    private readonly CatalogueModels models = new(systems);
    private readonly CatalogueMethods methods = new(systems);

    /// <summary>Opens a run.</summary>
    public TrainingRun Open(RunConfiguration asked) =>
        methods.Get(asked.Method).Open(new TrainingSetup(asked, models, methods) { Device = Device.Cpu });

    /// <summary>Trains in a folder of that name; gives its best weights.</summary>
    public string Train(RunConfiguration asked, string name)
    {
        string folder = Path.Combine(root, name);
        ResumedRuns.Train(folder, () => Open(asked));
        return Path.Combine(folder, "best.ckpt");
    }

    /// <summary>
    /// A run that was stopped after some steps is the one that never was, which lies in <c>whole</c>; gives its configuration.
    /// </summary>
    public RunConfiguration StopsAndGoesOn(RunConfiguration asked, int after)
    {
        ResumedRuns.GoOnAlike(root, () => Open(asked), after);
        using var run = Open(asked);
        File.WriteAllText(Path.Combine(root, "whole", "config.json"), RunConfigurationFile.ToJson(run.Configuration, methods));
        return run.Configuration;
    }

    /// <summary>The evaluation of a run's best weights on what it held out.</summary>
    public EvaluationReport Evaluate(RunConfiguration settled, string name = "whole")
    {
        string run = Path.Combine(root, name);
        var trained = new TrainedNetwork(models.Get(settled.Network), Path.Combine(run, "best.ckpt"), settled.ImageSize,
            settled.Classes)
        {
            Configuration = settled,
            Run = run,
            Device = Device.Cpu,
        };
        return methods.Get(settled.Method).Evaluate(trained, null, 4, null, TestContext.Current.CancellationToken);
    }
}
