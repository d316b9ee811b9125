using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Real-time learning: drift detectors over one stream of errors, two streams, compression.</summary>
internal sealed class RealTimeMlAnswers : ParityAnswers
{
    internal override string System => "real_time_ml";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "drift_detectors" => ParityAnswer.Of(inputs => Detectors(question.Config, inputs)),
        "sea_stream" => ParityAnswer.Of(inputs => Sea(question.Config, inputs)),
        "hyperplane_stream" => ParityAnswer.Of(inputs => Hyperplane(question.Config, inputs)),
        "compression" => ParityAnswer.Of(inputs => Compressed(question.Config, inputs)),
        _ => null,
    };

    private static Dictionary<string, Tensor> Detectors(Config config, ParityInputs inputs)
    {
        double[] draws = Doubles(inputs["u"]);
        double[] errors = [.. draws.Select((u, k) => (u + 1) / 2 < Rate(k, draws.Length) ? 1.0 : 0)];
        Config hinkley = config.Child("ph"), ddm = config.Child("ddm");
        double delta = config.Double("delta", 0.002);
        var adwin = new Adwin(delta);
        var river = new Adwin(delta) { SkipsNewestBuckets = true };
        var page = new PageHinkley(
            hinkley.Double("threshold", 50), hinkley.Double("delta", 0.005), hinkley.Double("alpha", 0.9999),
            hinkley.Int("min_instances", 30));
        var gama = new Ddm(ddm.Int("min", 30), ddm.Double("warning", 2), ddm.Double("drift", 3));
        var prequential = new Prequential(config.Double("fading", 0.99));
        var columns = new Dictionary<string, List<double>>();
        foreach (double error in errors)
        {
            prequential.Add(error);
            foreach (var (name, detector) in ((string, Adwin)[])[("adwin", adwin), ("adwin_river", river)])
            {
                Add($"{name}_hit", detector.Update(error) == DriftLevel.Drift ? 1 : 0);
                Add($"{name}_width", detector.Width);
                Add($"{name}_mean", detector.Mean);
            }

            Add("ph_hit", page.Update(error) == DriftLevel.Drift ? 1 : 0);
            Add("ph_sum", page.Sum);
            Add("ddm_level", (double)gama.Update(error));
            Add("prequential", prequential.Mean);
            Add("fading", prequential.Recent);
        }

        return columns.ToDictionary(column => column.Key, column => Tensor.From(column.Value.ToArray()));

        void Add(string name, double value)
        {
            if (!columns.TryGetValue(name, out var column)) columns[name] = column = [];
            column.Add(value);
        }
    }

    private static double Rate(int place, int count) => place < count / 2 ? 0.2 : place < count * 3 / 4 ? 0.6 : 0.1;

    private static Dictionary<string, Tensor> Sea(Config config, ParityInputs inputs)
    {
        double[][] rows = [.. Doubles(inputs["x"]).Select(x => 5 * (x + 1)).Chunk(3)];
        return config.Doubles("thresholds").Select((threshold, k) => (Name: $"y{k}", Threshold: threshold)).ToDictionary(
            entry => entry.Name, entry => Tensor.From([.. rows.Select(row => (double)SeaStream.Label(row, entry.Threshold))]));
    }

    private static Dictionary<string, Tensor> Hyperplane(Config config, ParityInputs inputs)
    {
        int features = config.Int("features"), drifting = config.Int("drift_features");
        double[] weights = [.. Doubles(inputs["w"]).Select(w => (w + 1) / 2)];
        double[][] rows = [.. Doubles(inputs["x"]).Select(x => (x + 1) / 2).Chunk(features)];
        double[] flips = Doubles(inputs["flip"]);
        var stream = new HyperplaneStream(weights, drifting, config.Double("mag_change"));
        var labels = new double[rows.Length];
        for (int t = 0; t < rows.Length; t++)
        {
            labels[t] = stream.Label(rows[t]);
            stream.Drift(k => flips[(t * drifting) + k] == 0);
        }

        return new() { ["y"] = Tensor.From(labels), ["w_end"] = Tensor.From(stream.Weights) };
    }

    private static Dictionary<string, Tensor> Compressed(Config config, ParityInputs inputs)
    {
        Tensor w = inputs["w"], x = inputs["x"];
        int rank = config.Int("rank");
        var (left, right) = Compression.LowRank(w, rank);
        return new()
        {
            ["int8_symmetric"] = Compression.Int8Rounded(w),
            ["uint8_affine"] = Compression.UInt8Rounded(w),
            ["int8_per_row"] = Compression.Int8Rounded(w, perRow: true),
            ["magnitude_prune"] = w * Compression.PruningMask(w, config.Double("prune")),
            [$"low_rank_{rank}"] = left.Matmul(right),
            ["distill"] = Compression.DistillationLoss(
                inputs["s"], inputs["t"], inputs["y"], config.Double("temperature"), config.Double("alpha")),
            ["quant_matmul"] = Compression.Int8Linear(x, w),
        };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).Reshape([-1]).ToArray<double>();
}
