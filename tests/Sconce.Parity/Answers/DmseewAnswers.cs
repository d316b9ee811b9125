using Sconce.Metrics;
using Sconce.Systems.Science.Dmseew;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Earthquake early warning: words of waves, bags of predictions, figures, procedural waves.</summary>
internal sealed class DmseewAnswers : ParityAnswers
{
    internal override string System => "dmseew";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "sfa_bag" => ParityAnswer.Of(inputs => Words(question.Config, inputs)),
        "bag_of_predictions_knn" => ParityAnswer.Of(inputs => Stacking(question.Config, inputs)),
        "metrics" => ParityAnswer.Of(inputs => Figures(question.Config.Int("classes"), inputs)),
        "synthetic_event" => ParityAnswer.Of(inputs => Waves(question.Config, inputs)),
        _ => null,
    };

    private static Dictionary<string, Tensor> Words(Config config, ParityInputs inputs)
    {
        int length = config.Int("word_length"), width = (int)inputs["x"].Size(1), classes = config.Int("classes");
        int[] labels = Integers(inputs["y"]);
        double[][] coefficients = [.. Doubles(inputs["x"]).Chunk(width).Select(window => SymbolicFourier.Coefficients(window, length))];
        var fourier = SymbolicFourier.Fit(coefficients, config.Int("alphabet"));
        int[][] letters = [.. coefficients.Select(row => fourier.Letters(row))];
        int each = letters.Length / labels.Length;
        double[][] histograms = [.. letters.Chunk(each).Select(series =>
        {
            var histogram = new double[fourier.Words];
            foreach (int[] word in series) histogram[fourier.Word(word)]++;
            return histogram;
        })];
        return new()
        {
            ["coefficients"] = Rows(coefficients),
            ["letters"] = Rows([.. letters.Select(row => row.Select(letter => (double)letter).ToArray())]),
            ["histogram"] = Rows(histograms),
            ["chi2"] = Tensor.From(ChiSquared.Of(histograms, labels, classes)),
        };
    }

    private static Dictionary<string, Tensor> Stacking(Config config, ParityInputs inputs)
    {
        int classes = config.Int("classes");
        var bag = new BagOfPredictions(config.Int("sensor_types"), classes);
        int[] kinds = Integers(inputs["kind"]), labels = Integers(inputs["lab"]);
        int[][] events = [.. Integers(inputs["p"]).Chunk(kinds.Length)], queries = [.. Integers(inputs["q"]).Chunk(kinds.Length)];
        double[][] words = [.. events.Select(votes => bag.Of(votes, kinds))], asked = [.. queries.Select(votes => bag.Of(votes, kinds))];
        var nearest = new NearestBags(words, labels, classes, config.Int("k", 5));
        return new()
        {
            ["words"] = Rows(words),
            ["distance"] = Rows([.. asked.Select(query => nearest.Distances(query))]),
            ["votes"] = Rows([.. asked.Select(query => nearest.Votes(query).Select(vote => (double)vote).ToArray())]),
            ["majority"] = Rows([.. events.Select(votes => bag.Votes(votes).Select(vote => (double)vote).ToArray())]),
        };
    }

    private static Dictionary<string, Tensor> Figures(int classes, ParityInputs inputs)
    {
        var confusion = new ConfusionMatrix(classes);
        confusion.Add(inputs["p"].ToArray<long>(), inputs["y"].ToArray<long>());
        var answers = Enumerable.Range(0, classes).ToDictionary(
            c => $"prf{c}", c => Tensor.From([confusion.Precision(c), confusion.Recall(c), confusion.F1(c)]));
        answers["macro_f1"] = Tensor.Full([], confusion.MacroF1, DType.Float64);
        return answers;
    }

    private static Dictionary<string, Tensor> Waves(Config config, ParityInputs inputs)
    {
        double[] magnitudes = Doubles(inputs["mag"]), distances = Doubles(inputs["dist"]), phases = Doubles(inputs["ph"]),
            frequencies = Doubles(inputs["jf"]), durations = Doubles(inputs["jt"]);
        var waves = new EventWaves(
            config.Double("hz", 8), config.Int("samples", 120), config.Double("clip", 1), config.Double("vp", 6), config.Double("vs", 3.5));
        List<double[]> seismometers = [], stations = [];
        for (int k = 0; k < magnitudes.Length; k++)
        {
            var (motion, displacement) = waves.At(
                new Shaking(magnitudes[k], distances[k], phases[2 * k], phases[(2 * k) + 1], frequencies[k], durations[k]));
            seismometers.Add(waves.Seismometer(motion));
            stations.Add(EventWaves.Gps(motion, displacement));
        }

        return new() { ["seismometer"] = Rows(seismometers), ["gps"] = Rows(stations) };
    }

    private static Tensor Rows(IReadOnlyList<double[]> rows) => Tensor.From([.. rows.SelectMany(row => row)], [rows.Count, rows[0].Length]);

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).Reshape([-1]).ToArray<double>();

    private static int[] Integers(Tensor values) => [.. values.Reshape([-1]).ToArray<long>().Select(value => (int)value)];
}
