using Sconce.Systems.Control.Driving;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Driving;

[Collection(LiveTensors.Name)]
public class DrivingTests
{
    [Fact]
    public void The_policy_has_its_keys_and_size()
    {
        using var policy = new DrivingPolicy();
        Assert.Equal(38_305, policy.ParameterCount);
        Assert.Equal(
            ["c1.weight", "c1.bias", "c2.weight", "c2.bias", "f1.weight", "f1.bias", "f2.weight", "f2.bias"],
            policy.StateDict().Select(entry => entry.Name));
        using var told = new DrivingPolicy(seesLastSteering: true);
        Assert.Equal(38_305 + 32, told.ParameterCount);
        using var scope = new TensorScope();
        Assert.Throws<ArgumentException>(() => told.Call(Tensor.Zeros([1, 1, 24, 48])));
    }

    [Fact]
    public void Without_controls_a_car_goes_straight_on()
    {
        using var scope = new TensorScope();
        var path = new Bicycle().Drive(Tensor.From([0.0, 1, 0, 6], [1, 4]), Tensor.Zeros([1, 10, 2], DType.Float64));
        Assert.Equal([1, 11, 4], path.Shape.ToArray());
        Assert.Equal(6, path[0, 10, 0].Item<double>(), 1e-9);
        Assert.Equal(1, path[0, 10, 1].Item<double>(), 1e-9);
    }

    [Fact]
    public void The_camera_sees_the_line_in_the_middle_and_the_sky_dark_and_mirrors_left_and_right()
    {
        using var scope = new TensorScope();
        var straight = Tensor.Zeros([1, 6]);
        var camera = new RoadCamera();
        var picture = camera.See(Tensor.Zeros([1, 3]), straight);
        Assert.Equal(0, picture[0, ..8].Abs().Max().Item<double>());
        Assert.True(picture[0, 23, 24].Item<double>() > picture[0, 23, 4].Item<double>());
        Tensor left = camera.See(Tensor.From([0f, 1, 0], [1, 3]), straight), right = camera.See(Tensor.From([0f, -1, 0], [1, 3]), straight);
        Assert.True((left - right.Flip([-1])).Abs().Max().Item<double>() < 1e-5);
    }

    [Fact]
    public void The_expert_steers_back_to_the_line()
    {
        Assert.Equal(0, PursuitDriver.Steer(0, 0, 0), 1e-12);
        Assert.True(PursuitDriver.Steer(1, 0, 0) < 0);
        Assert.True(PursuitDriver.Steer(-1, 0, 0) > 0);
        Assert.Equal(-PursuitDriver.Steer(1, 0.2, 0), PursuitDriver.Steer(-1, -0.2, 0), 1e-12);
        Assert.InRange(PursuitDriver.Steer(0, -3, 5), -1, 1);
    }

    [Fact]
    public void Attacks_stay_in_their_box_and_in_range_and_raise_the_error()
    {
        using var scope = new TensorScope();
        using var policy = new DrivingPolicy();
        policy.Eval();
        var attacks = new PictureAttacks(policy);
        Tensor pictures = Tensor.Rand([4, 1, 24, 48]), targets = Tensor.Zeros([4, 1]);
        double Error(Tensor seen) => (policy.Call(seen) - targets).Square().Sum().Item<double>();
        Tensor[] all = [attacks.FastGradientSign(pictures, targets, 0.05), attacks.Projected(pictures, targets, 0.05, 0.02, 4)];
        foreach (var attacked in all)
        {
            Assert.True((attacked - pictures).Abs().Max().Item<double>() <= 0.05 + 1e-6);
            Assert.InRange(attacked.Min().Item<double>(), 0, 1);
            Assert.InRange(attacked.Max().Item<double>(), 0, 1);
            Assert.True(Error(attacked) > Error(pictures));
        }

        Assert.All(policy.Parameters(), parameter => Assert.Null(parameter.Grad));
    }
}
