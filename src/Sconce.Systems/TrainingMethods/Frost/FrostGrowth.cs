using Sconce.Data;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>At some epochs' ends the averaged network's surest guesses become labels, beside those that were given.</summary>
/// <param name="state">Whose labels grow.</param>
/// <param name="given">Of each picture; -1 for none.</param>
/// <param name="configuration">The run's.</param>
/// <param name="pictures">All to learn from, in their order, as they are evaluated.</param>
/// <param name="classes">How many.</param>
/// <param name="device">Where the network is.</param>
internal sealed class FrostGrowth(
    FrostState state, long[] given, RunConfiguration configuration, IBatchSource<ImageBatch> pictures, int classes, Device device)
{
    internal void Extend(EpochEnd epoch)
    {
        int growth = configuration.Of<FrostSettings>().Bootstrap;
        if (growth < 2 || configuration.Run.Epochs < 3) return;
        int most = given.Where(label => label >= 0).GroupBy(label => label).Max(group => group.Count());
        foreach (var (at, perClass) in Bootstrap.Schedule(configuration.Run.Epochs, most, growth))
        {
            if (at == epoch.Done) Extend(perClass, epoch.Averaged, epoch.Cancellation);
        }
    }

    private void Extend(int perClass, Func<IDisposable> averaged, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var logits = Tensor.Zeros([given.Length, classes]);
        using (averaged())
        {
            ClassifierEvaluation.Each(state.Trained, pictures, device, (batch, answer) => logits.IndexCopyInPlace(0,
                Tensor.From(batch.Indices.Select(index => (long)index).ToArray()), answer.Float().Cpu()), null, cancellation);
        }

        var chosen = Bootstrap.Select(logits, perClass);
        long[] labels = [.. given];
        for (int label = 0; label < chosen.Places.Count; label++)
        {
            foreach (long place in chosen.Places[label])
            {
                if (given[place] < 0) labels[place] = label;
            }
        }

        state.Assign(labels);
    }
}
