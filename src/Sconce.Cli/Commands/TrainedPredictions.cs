using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Cli.Commands;

/// <summary>Labels with confidences of a trained classifier.</summary>
internal static class TrainedPredictions
{
    /// <summary>Answers, one result a picture, as they come.</summary>
    /// <param name="trained">Who is asked.</param>
    /// <param name="pictures">Files.</param>
    /// <param name="most">Labels a picture.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it between two pictures.</param>
    public static IEnumerable<PredictResult> Predict(TrainedNetwork trained, IReadOnlyList<string> pictures, int most, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        using var network = trained.Load(trained.Classes?.Count);
        var device = TorchRuntime.BestDevice;
        network.To(device);
        for (int k = 0; k < pictures.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new PredictResult(pictures[k], Ask(network, trained, pictures[k], most, device));
            progress.Report(new WorkProgress("predicting", k + 1, pictures.Count));
        }
    }

    private static Prediction[] Ask(Module<Tensor, Tensor> network, TrainedNetwork trained, string picture, int most, Device device)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var input = trained.Preprocessing.Apply(Image.Load(picture)).Unsqueeze(0).To(device);
        double[] confidences = network.Call(input).Float().Softmax(-1)[0].ToArray<double>();
        return
        [
            .. confidences.Select((confidence, c) => new Prediction(Name(trained, c, confidences.Length), confidence)).OrderByDescending(prediction => prediction.Confidence).Take(most),
        ];
    }

    private static string Name(TrainedNetwork trained, int c, int classes) =>
        trained.Classes?[c] ?? (classes == ImageNetClasses.Names.Count ? ImageNetClasses.Names[c] : $"class {c}");
}
