using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.HumanError;

/// <summary>What is known of annotators without a clean label: how well their masks are explained, and the matrix of each.</summary>
/// <param name="Pictures">How many were asked about.</param>
/// <param name="Loss">The mean of -log of what annotators wrote, summed over them.</param>
/// <param name="Explained">The share of their pixels that is the likeliest by truth and matrix, in [0, 1].</param>
/// <param name="Matrices">Each annotator's mean matrix: written by true class, each column summing to 1.</param>
/// <param name="Shares">The share of pixels that is truly each class.</param>
/// <param name="Annotators">Their names.</param>
/// <param name="Classes">The classes' names.</param>
internal sealed record AnnotatorEvaluation(
    long Pictures, double Loss, double Explained, IReadOnlyList<double[,]> Matrices, double[] Shares, IReadOnlyList<string> Annotators,
        IReadOnlyList<string> Classes)
{
    /// <summary>The names of the figures that every run has.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["loss", "explained"];

    /// <summary>Asks a network about every picture once.</summary>
    internal static AnnotatorEvaluation Run(
        Module network, AnnotatedRecipe recipe, int batch, AnnotatedFolder folder, Device device, IProgress<WorkProgress>? progress,
            CancellationToken cancellation)
    {
        int classes = folder.Classes.Count, annotators = folder.Annotators.Count;
        double[][,] matrices = [.. Enumerable.Range(0, annotators).Select(_ => new double[classes, classes])];
        double[] truths = new double[classes];
        double loss = 0;
        long done = 0, told = 0, right = 0;
        network.Eval();
        var loader = new DataLoader<AnnotatedPicture, AnnotatedBatch>(recipe, new DataLoaderOptions { BatchSize = batch });
        ClassifierEvaluation.Each(loader, See, cancellation);
        for (int r = 0; r < annotators; r++)
        {
            for (int truth = 0; truth < classes; truth++)
            {
                for (int written = 0; written < classes; written++) matrices[r][written, truth] /= truths[truth];
            }
        }

        double all = truths.Sum();
        return new AnnotatorEvaluation(done, loss / done, (double)right / told, matrices, [.. truths.Select(count => count / all)],
            folder.Annotators, folder.Classes);

        void See(AnnotatedBatch pictures)
        {
            var segmentation = ((IAnnotatorNetwork)network).Annotate(pictures.Pictures.To(device));
            var truth = segmentation.Logits.Softmax(1);
            long count = pictures.Pictures.Size(0);
            Tensor?[] labels = [.. pictures.Labels.Select(label => label?.To(device))];
            loss += NoisyLabels.Compute(segmentation, labels, traceWeight: 0).Annotations.Item<double>() * count;
            double[] own = truth.To(DType.Float64).Sum([0, 2, 3]).ToArray<double>();
            for (int k = 0; k < classes; k++) truths[k] += own[k];
            for (int r = 0; r < annotators; r++)
            {
                var matrix = NoisyLabels.Normalize(segmentation.Matrices[r], classes);
                double[] sums = (matrix * truth.Unsqueeze(1)).To(DType.Float64).Sum([0, 3, 4]).ToArray<double>();
                for (int k = 0; k < sums.Length; k++) matrices[r][k / classes, k % classes] += sums[k];
                if (labels[r] is not { } label) continue;
                var known = label.Ge(0);
                told += known.Sum().Item<long>();
                right += NoisyLabels.Mix(truth, matrix).Argmax(1).Eq(label).LogicalAnd(known).Sum().Item<long>();
            }

            done += count;
            progress?.Report(new WorkProgress("evaluating", done, recipe.Count));
        }
    }

    /// <summary>How often an annotator is right, in [0, 1]: the diagonal of its matrix, each class as often as it is.</summary>
    internal double Reliability(int annotator) => Shares.Select((share, truth) => share * Matrices[annotator][truth, truth]).Sum();

    /// <summary>The figures of an epoch.</summary>
    internal FigureSet Figures()
    {
        var figures = new FigureSet { Figure.Lower("loss", Loss), new Figure("explained", Explained) };
        for (int r = 0; r < Annotators.Count; r++) figures.Add($"reliability {Annotators[r]}", Reliability(r));
        return figures;
    }

    /// <summary>Figures, and each annotator's matrix: a row a true class.</summary>
    internal EvaluationReport Report(string data) => new(data, Pictures, Figures())
    {
        Columns = [.. Classes.Select(name => $"wrote {name}"), "of pixels"],
        Rows =
        [
            .. Annotators.SelectMany((name, r) => Classes.Select((truth, column) => ($"{name}, truly {truth}",
                (IReadOnlyList<double>)[.. Enumerable.Range(0, Classes.Count).Select(written => Matrices[r][written, column]),
                    Shares[column]]))),
        ],
    };
}
