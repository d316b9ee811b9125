using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Systems.Control.Driving;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Driving;

[Collection(LiveTensors.Name)]
public sealed class DrivingRunTests : IDisposable
{
    private static readonly RoadSettings Roads = new() { Drives = 3, DriveSteps = 10 };
    private readonly RunFixture runs = new(new DrivingSystem());

    public void Dispose() => runs.Dispose();

    [Fact]
    public void Cloning_is_learnt_resumed_and_judged()
    {
        var settings = Small();
        var whole = runs.Train("whole", "driving_policy", settings);
        runs.Stop("stopped", "driving_policy", settings, 4);
        runs.Train("stopped", "driving_policy", settings);
        Assert.Equal(runs.Best("whole"), runs.Best("stopped"));
        var report = runs.MethodOf("driving_policy").Evaluate(runs.Trained("whole", "driving_policy", settings), null, 1, null, default);
        Assert.Equal("the expert", report.Rows[1].Name);
        Assert.Equal(0, report.Rows[1].Values[0]);
        Assert.True(double.IsFinite(whole.Best!.Figures["offset"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Methods_that_drive_while_they_learn_go_on_bit_for_bit(bool asks)
    {
        TrainingMethod method = asks ? new ImitationMethod(asksOnTheWay: true) : new DdpgMethod();
        ITrainingSettings settings = asks ? Small() : new DdpgSettings
        {
            Run = new() { Epochs = 2, Batch = 8, Threads = 1 },
            Optimization = new DdpgSettings().Optimization,
            Roads = Roads,
            Updates = 4,
            Cars = 2,
            LearnAfter = 20,
            Replay = 100,
            CriticFirst = 2,
        };
        byte[] whole = Train("whole", 0), stopped = Train("stopped", 5);
        Assert.Equal(whole, stopped);

        byte[] Train(string name, int stop)
        {
            if (stop > 0) Run(name, stop);
            Run(name, 0);
            return runs.Best(name);
        }

        void Run(string name, int stop)
        {
            using var source = new CancellationTokenSource();
            using var place = RunFolder.Open(Path.Combine(runs.Folder, name));
            var configuration = new RunConfiguration("driving_policy", method.Name, settings);
            using var run = method.Open(new TrainingSetup(configuration, runs.Models, new CatalogueMethods([new DrivingSystem()])));
            var watch = new Watch(report =>
            {
                if (stop > 0 && report.Stage == "training" && report.Done >= stop) source.Cancel();
            });
            if (stop > 0) Assert.ThrowsAny<OperationCanceledException>(() => run.Train(place, watch, source.Token));
            else run.Train(place);
        }
    }

    [Fact]
    public void A_drive_is_shown_with_its_figures_and_attacks()
    {
        var request = new MadeRequest(() => new DrivingPolicy(), new CameraDriver());
        using var session = new DrivePlay().Open(request);
        var answer = session.Ask(Nothing.Instance, new DrivePlaySettings { Steps = 4, Roads = 2, Attack = CameraAttack.Pgd });
        Assert.Equal(["none", "random", "fgsm", "pgd"], answer.Figures.Items.Select(row => row[0]));
        var frames = answer.Drive.Frames.ToList();
        Assert.Equal(4, frames.Count);
        Assert.Equal((640, 320), (frames[0].Width, frames[0].Height));
        Assert.True(frames[0].Pixels.IndexOf((byte)220) >= 0); // the car is on the road from above

        var expert = session.Ask(Nothing.Instance, new DrivePlaySettings { Steps = 50, Roads = 4, Driver = Driver.Expert });
        Assert.Equal(0.0, expert.Figures.Items.Single()[1]);
    }

    [Fact]
    public void The_fast_car_is_the_tensors_car()
    {
        using var scope = new TensorScope();
        var cars = new LaneCars(1, 0.5, true, new Random(1));
        var before = cars.Views[0];
        double steering = 0.4;
        cars.Drive([steering]);
        var start = Tensor.From([before.Pose.X, before.Pose.Y, before.Pose.Heading, LaneCars.Speed], [1, 4]);
        var control = Tensor.From([Math.Atanh(steering), 0.0], [1, 1, 2]);
        double[] path = new Bicycle().Drive(start, control).Flatten().ToArray<double>();
        Assert.Equal(path[4], cars.Views[0].Pose.X, 1e-9);
        Assert.Equal(path[6], cars.Views[0].Pose.Heading, 1e-9);
        var centre = WindingRoad.Centre(Tensor.From([3.0], [1, 1]), Tensor.From(before.Road, [1, 6])).Item<double>();
        Assert.Equal(centre, cars.Centre(0, 3), 1e-9);
    }

    [Fact]
    public void Data_and_missing_weights_are_refused()
    {
        var settings = Small();
        settings = settings with { Run = settings.Run with { Data = runs.Folder } };
        Assert.Contains("simulator", Assert.Throws<SettingsException>(() => runs.Open("driving_policy", settings)).Message,
            StringComparison.Ordinal);
    }

    private static ImitationSettings Small() => new()
    {
        Run = new() { Epochs = 2, Batch = 8, Threads = 1 },
        Optimization = new ImitationSettings().Optimization,
        Roads = Roads,
        Demonstrations = 2,
        Length = 10,
        Updates = 4,
    };

    private sealed class Watch(Action<WorkProgress> told) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => told(value);
    }
}
