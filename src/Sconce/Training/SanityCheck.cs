using System.Globalization;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>One thing that was looked at before a long run.</summary>
/// <param name="Name">What.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Detail">The figures, and what to look for where it is not.</param>
public sealed record SanityFinding(string Name, bool Passed, string Detail);

/// <summary>What is worth seconds before hours: the initial loss, a batch learned by heart, a batch seen with its labels.</summary>
public static class SanityCheck
{
    private const int Pictures = 16;
    private const int Cell = 112;

    /// <summary>The loss of a classifier that knows nothing is the logarithm of its classes; far above, it is sure of what it cannot
    /// know.</summary>
    public static SanityFinding InitialLoss(double loss, int classes)
    {
        double expected = Math.Log(classes);
        // He's initial weights, say, begin at nearly twice the logarithm; a fault is far beyond.
        bool passed = double.IsFinite(loss) && loss < (2 * expected) + 1 && loss > expected / 3;
        string advice = passed ? "" : loss > expected ? ": look at the normalisation of the pictures and the initial weights"
            : ": lower than chance before any step; are labels in the pictures, or is the network trained?";
        return new SanityFinding("initial loss", passed, string.Create(CultureInfo.InvariantCulture, $"{loss:0.000}, where ln {classes} = "
            + $"{expected:0.000} is expected of a classifier that knows nothing{advice}"));
    }

    /// <summary>Learns up to 16 pictures by heart, as a network, a loss and labels that belong together can. Changes the network.</summary>
    /// <param name="network">With dropout and batch norms as in training.</param>
    /// <param name="batch">Its first pictures are taken.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="steps">At most.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    public static SanityFinding Overfit(Module<Tensor, Tensor> network, ImageBatch batch, int classes, int steps = 100,
        Device? device = null, CancellationToken cancellation = default)
    {
        using var outer = new TensorScope();
        long count = Math.Min(batch.Count, Pictures);
        var few = batch with
        {
            Images = batch.Images[..(int)count],
            Labels = batch.Labels![..(int)count],
            Targets = null,
            Names = [.. batch.Names.Take((int)count)],
            Indices = [.. batch.Indices.Take((int)count)]
        };
        using var optimizer = new Adam(network.Parameters().Where(parameter => parameter.RequiresGrad), 1e-3);
        var labels = new LabelLoss(classes, device: device);
        double first = double.NaN, loss = double.NaN, wanted = 0.1 * Math.Log(classes);
        network.Train();
        int step = 0;
        for (; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            var mean = labels.Of(network.Call(few.Images.To(device ?? Device.Cpu)).Float(), few);
            loss = mean.Item<double>();
            if (step == 0) first = loss;
            if (!(loss > wanted)) break;
            mean.Backward();
            optimizer.Step();
        }

        optimizer.ZeroGrad();
        bool passed = loss <= wanted;
        string advice = passed ? "" : ": the network cannot tell its own pictures apart; look at labels, loss and frozen parameters";
        return new SanityFinding("one batch by heart", passed, string.Create(CultureInfo.InvariantCulture, $"{count} pictures, loss "
            + $"{first:0.000} to {loss:0.000} in {step} steps of Adam{advice}"));
    }

    /// <summary>
    /// Whether a program's loss falls on a batch seen again and again, with Adam for all its players. Changes the networks.
    /// </summary>
    /// <param name="program">The method's.</param>
    /// <param name="batch">One batch.</param>
    /// <param name="name">What the finding is called.</param>
    /// <param name="steps">How many.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    public static SanityFinding Falls<TBatch>(TrainingProgram<TBatch> program, TBatch batch, string name, int steps = 30,
        CancellationToken cancellation = default)
    {
        const double rate = 1e-3;
        var players = PlayerState.ForCheck(program.Players,
            parameters => new Adam(parameters.Where(parameter => parameter.RequiresGrad), rate), rate);
        var losses = new List<double>();
        try
        {
            foreach (var (_, module) in program.Modules) module.Train();
            for (int k = 0; k < steps; k++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = new TensorScope();
                var step = new TrainingStep(players, 1) { Number = k, Total = steps };
                step.NextBatch(what => new TrainingException($"{what} at step {k + 1} of the check for {program.Describe(batch)}"));
                program.Step(batch, step);
                losses.Add(step.Loss);
            }
        }
        finally
        {
            foreach (var player in players) player.Dispose();
        }

        const int ends = 5;
        double first = losses.Take(ends).Average(), last = losses.TakeLast(ends).Average();
        bool passed = last < first;
        string advice = passed ? "" : ": it does not learn its own batch; look at the data and the method's options";
        return new SanityFinding(name, passed, string.Create(CultureInfo.InvariantCulture, $"{first:0.000} to {last:0.000} on one batch in "
            + $"{steps} steps of Adam (means of {ends}){advice}"));
    }

    /// <summary>Whether the losses of a run's first steps are numbers. Changes the networks.</summary>
    /// <param name="program">The method's.</param>
    /// <param name="batches">The data, from their beginning.</param>
    /// <param name="options">The run's.</param>
    /// <param name="steps">How many.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    public static SanityFinding FirstSteps<TBatch>(TrainingProgram<TBatch> program, IBatchSource<TBatch> batches, TrainerOptions options,
        int steps = 50, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<double> losses = [];
        options = options with { Epochs = 1, Steps = steps };
        new Trainer<TBatch>(program, batches, options) { Stepped = report => losses.Add(report.Loss) }.Run(null, cancellation);
        string said = FormattableString.Invariant($"loss {losses[0]:G3} to {losses[^1]:G3}");
        return new SanityFinding("first steps", losses.TrueForAll(double.IsFinite), said);
    }

    /// <summary>The mean loss of some batches before any step; neither weights nor running statistics change for it, but the generator's
    /// state does.</summary>
    public static double Loss(Module<Tensor, Tensor> network, IEnumerable<ImageBatch> batches, int classes, Device? device = null)
    {
        var labels = new LabelLoss(classes, device: device);
        var statistics = network.NamedBuffers().Select(named => (Tensor)named.Buffer).ToList();
        using var outer = new TensorScope();
        using var noGrad = Gradients.Off();
        var before = statistics.Select(tensor => tensor.Clone()).ToList();
        network.Train();
        double sum = 0;
        int count = 0;
        foreach (var batch in batches)
        {
            using var scope = new TensorScope();
            sum += labels.Of(network.Call(batch.Images.To(device ?? Device.Cpu)).Float(), batch).Item<double>();
            count++;
        }

        for (int k = 0; k < before.Count; k++) statistics[k].CopyInPlace(before[k]);
        return sum / count;
    }

    /// <summary>A batch's pictures as the network sees them, each with its label, side by side.</summary>
    public static Image Picture(ImageBatch batch, IReadOnlyList<string> classes, IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        using var scope = new TensorScope();
        var offsets = Tensor.From([.. mean], [3, 1, 1]);
        var scales = Tensor.From([.. std], [3, 1, 1]);
        long[] labels = batch.Labels!.ToArray<long>();
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(batch.Count, Pictures); k++)
        {
            var picture = ((batch.Images[k] * scales) + offsets).ToImage();
            if (picture.Width < Cell) picture = picture.Resize(Cell, Cell * picture.Height / picture.Width, ResizeFilter.Nearest);
            picture.DrawLabel(2, 2, classes[(int)labels[k]], Rgb.White, Rgb.Black, 12);
            cells.Add(picture);
        }

        return ImageGrid.Create(cells, 4);
    }

    /// <summary>Views of the first pictures of a batch as the network sees them: a row a picture, a column a view.</summary>
    public static Image Picture(IReadOnlyList<Tensor> views, IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        using var scope = new TensorScope();
        var offsets = Tensor.From([.. mean], [3, 1, 1]);
        var scales = Tensor.From([.. std], [3, 1, 1]);
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(views[0].Size(0), Pictures / 2); k++)
        {
            foreach (var view in views) cells.Add(((view[k] * scales) + offsets).ToImage().Resize(Cell, Cell, ResizeFilter.Nearest));
        }

        return ImageGrid.Create(cells, views.Count);
    }

    /// <summary>All three, on a run's own data; the network is of no use afterwards.</summary>
    /// <param name="run">What is about to be trained.</param>
    /// <param name="learned">Its loss: where that is no plain one, whether it falls is looked at too.</param>
    /// <param name="picture">Where the batch with its labels is written, a PNG.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static IReadOnlyList<SanityFinding> Run(ClassifierRun run, TrainingProgram<ImageBatch> learned, string picture,
        CancellationToken cancellation = default)
    {
        int classes = run.Data.Classes.Count;
        using var group = run.Batches.FirstBatches(Math.Min(4, run.Batches.BatchesPerEpoch), cancellation);
        var device = run.Device;
        var first = group.Batches[0];
        Picture(first, run.Data.Classes, run.Preprocessing.Mean, run.Preprocessing.Std).Save(picture);
        int seen = first.Labels!.ToArray<long>().Distinct().Count();
        return
        [
            new SanityFinding("a batch and its labels", true,
                $"{picture}: look whether each label fits its picture ({seen} of {classes} classes in {first.Count} pictures)"),
            run.Configuration.Run.Pretrained is null
                ? InitialLoss(Loss(run.Network, group.Batches, classes, device), classes)
                : new SanityFinding("initial loss", true,
                    string.Create(CultureInfo.InvariantCulture,
                        $"{Loss(run.Network, group.Batches, classes, device):0.000} from pretrained weights")),
            Overfit(run.Network, first, classes, device: device, cancellation: cancellation),
            .. learned is ClassifierProgram { OtherLoss: null }
            ? [] : (SanityFinding[])[Falls(learned, first, $"the loss of {run.Configuration.Method}", cancellation: cancellation)],
        ];
    }
}
