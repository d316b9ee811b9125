using System.Diagnostics;
using System.Runtime.InteropServices;
using Sconce.Metrics;
using Sconce.Systems.Tools.TreesVsNetworks;
using Sconce.Tables;

namespace Sconce.Bench.Tools;

/// <summary>
/// Boosted trees on a table of 100,000 rows by 50, here and in LightGBM: as many rounds, leaves, bins and threads; R² on as many new rows.
/// </summary>
internal sealed partial class TreesGroup : BenchGroup
{
    private const int Rows = 100_000, Features = 50, Rounds = 100, Leaves = 31, LeastRows = 20;
    private const double Rate = 0.1;

    internal override string Name => "trees";

    internal override string About => "boosted trees, 100,000 rows by 50: training and prediction, against LightGBM";

    internal override void Measure(BenchTable table)
    {
        foreach (string what in (string[])["train", "predict"])
        {
            table.Row($"trees, 100,000 x 50, {what}, against LightGBM", () => BenchTable.Own(Name, "own", what),
                () => BenchTable.Own(Name, "lightgbm", what), 1 / 1.5, agreement: 0.005);
        }
    }

    internal override Measured Work(string[] task) => Run(task[0], task[1]);

    /// <summary>Training, or prediction with what was trained before the clock runs.</summary>
    private static Measured Run(string side, string what)
    {
        var (x, y) = Data(1);
        var (unseen, truths) = Data(2);
        using var learner = side == "lightgbm" ? (Learner)new LightGbm() : new Own();
        learner.Prepare(x, y, unseen);
        long start = Stopwatch.GetTimestamp();
        learner.Train();
        double training = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var times = new List<double>();
        double[] answers = [];
        for (int round = 0; round < 3; round++)
        {
            start = Stopwatch.GetTimestamp();
            answers = learner.Predict();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        // Losses hold the figure that both sides have to agree on.
        return new Measured
        {
            Seconds = what == "train" ? training : times.Order().ElementAt(1),
            Losses = [TabularMetrics.R2(truths, answers)]
        };
    }

    // Every useful feature says something alone. A bare product of two does not: which of them a greedy tree cuts first is then chance,
    // and R² swings by 0.02 to either side from one seed to the next, here and in LightGBM.
    private static (double[] X, double[] Y) Data(int seed)
    {
        var random = new Random(seed);
        var x = new double[Rows * Features];
        var y = new double[Rows];
        for (int k = 0; k < x.Length; k++) x[k] = (2 * random.NextDouble()) - 1;
        for (int row = 0; row < Rows; row++)
        {
            var own = x.AsSpan(row * Features, Features);
            y[row] = Math.Sin(4 * own[0]) + (own[1] > 0.2 ? own[2] : -0.5) + ((1 + own[3]) * own[4]) + Math.Abs(own[5])
                + (0.5 * (random.NextDouble() - 0.5));
        }

        return (x, y);
    }

    private abstract class Learner : IDisposable
    {
        internal abstract void Prepare(double[] x, double[] y, double[] unseen);

        internal abstract void Train();

        internal abstract double[] Predict();

        public virtual void Dispose()
        {
        }
    }

    private sealed class Own : Learner
    {
        private readonly TreeSettings settings =
            new()
            {
                Rounds = Rounds,
                Leaves = Leaves,
                LearningRate = Rate,
                MinSamplesLeaf = LeastRows,
                Threads = int.Parse(BenchTable.Threads)
            };
        private TreeRows? rows;
        private FeatureMatrix? other;
        private TreeEnsemble? ensemble;

        internal override void Prepare(double[] x, double[] y, double[] unseen)
        {
            (rows, other) = (new TreeRows(FeatureMatrix.OfRows(x, Features), y), FeatureMatrix.OfRows(unseen, Features));
            // compiled
            TreeTraining.Boost(new TreeRows(FeatureMatrix.OfRows(x.AsSpan(0, 2000 * Features), Features), y[..2000]), TreeTarget.Number,
                settings);
        }

        internal override void Train() => ensemble = TreeTraining.Boost(rows!, TreeTarget.Number, settings);

        internal override double[] Predict() => ensemble!.Raw(other!, threads: settings.Threads);
    }

    /// <summary>LightGBM by its C interface; binning is part of training on both sides.</summary>
    private sealed partial class LightGbm : Learner
    {
        private const int Float64 = 1, Float32 = 0, RowMajor = 1, Raw = 1;
        private readonly string parameters = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"objective=regression num_leaves={Leaves} learning_rate={Rate} min_data_in_leaf={LeastRows} max_bin=255 " +
                $"min_sum_hessian_in_leaf=0.001 num_threads={BenchTable.Threads} verbosity=-1 deterministic=true force_col_wise=true");
        private double[] x = [], y = [], unseen = [];
        private nint booster, data;

        internal override void Prepare(double[] x, double[] y, double[] unseen) => (this.x, this.y, this.unseen) = (x, y, unseen);

        internal override void Train()
        {
            Check(LGBM_DatasetCreateFromMat(x, Float64, Rows, Features, RowMajor, parameters, 0, out data));
            float[] labels = [.. y.Select(value => (float)value)];
            Check(LGBM_DatasetSetField(data, "label", labels, labels.Length, Float32));
            Check(LGBM_BoosterCreate(data, parameters, out booster));
            for (int round = 0; round < Rounds; round++) Check(LGBM_BoosterUpdateOneIter(booster, out _));
        }

        internal override double[] Predict()
        {
            var answers = new double[Rows];
            Check(LGBM_BoosterPredictForMat(booster, unseen, Float64, Rows, Features, RowMajor, Raw, 0, -1, parameters, out _, answers));
            return answers;
        }

        public override void Dispose()
        {
            if (booster != 0) Check(LGBM_BoosterFree(booster));
            if (data != 0) Check(LGBM_DatasetFree(data));
            base.Dispose();
        }

        private static void Check(int code)
        {
            if (code != 0) throw new InvalidOperationException($"LightGBM: {Marshal.PtrToStringUTF8(LGBM_GetLastError())}");
        }

        [LibraryImport("lib_lightgbm")]
        private static partial nint LGBM_GetLastError();

        [LibraryImport("lib_lightgbm", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int LGBM_DatasetCreateFromMat(double[] data, int type, int rows, int columns, int rowMajor,
            string parameters, nint reference, out nint made);

        [LibraryImport("lib_lightgbm", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int LGBM_DatasetSetField(nint data, string field, float[] values, int count, int type);

        [LibraryImport("lib_lightgbm", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int LGBM_BoosterCreate(nint data, string parameters, out nint made);

        [LibraryImport("lib_lightgbm")]
        private static partial int LGBM_BoosterUpdateOneIter(nint booster, out int finished);

        [LibraryImport("lib_lightgbm", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int LGBM_BoosterPredictForMat(
            nint booster, double[] data, int type, int rows, int columns, int rowMajor, int what, int first, int count, string parameters,
                out long length, double[] answers);

        [LibraryImport("lib_lightgbm")]
        private static partial int LGBM_BoosterFree(nint booster);

        [LibraryImport("lib_lightgbm")]
        private static partial int LGBM_DatasetFree(nint data);
    }
}
