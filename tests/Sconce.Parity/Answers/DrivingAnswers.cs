using Sconce.Systems.Control.Driving;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Driving: the car, the camera, attacks on the policy.</summary>
internal sealed class DrivingAnswers : ParityAnswers
{
    private const double L2Length = 0.5;

    internal override string System => "driving";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "kinematic_bicycle" => ParityAnswer.Of(inputs => new() { ["out"] = Car(config).Drive(inputs["s"], inputs["u"]) }),
            "road_camera" => ParityAnswer.Of(inputs => new() { ["out"] = Camera(config).See(inputs["pose"], inputs["coef"]) }),
            "attacks" => Attacked(config),
            _ => null,
        };
    }

    private static Bicycle Car(Config config) => new()
    {
        Wheelbase = config.Double("wheelbase", 2.5),
        Step = config.Double("dt", 0.1),
        MostSteering = config.Double("max_steer", 0.5),
        MostAcceleration = config.Double("max_accel", 2),
    };

    private static RoadCamera Camera(Config config) => new()
    {
        Height = config.Int("H", 24),
        Width = config.Int("W", 48),
        Focal = config.Double("f", 30),
        Above = config.Double("height", 1.4),
        HalfWidth = config.Double("half_width", 2),
    };

    private static ParityAnswer Attacked(Config config)
    {
        var policy = new DrivingPolicy();
        return new ParityAnswer(policy, inputs =>
        {
            var attacks = new PictureAttacks(policy);
            Tensor x = inputs["x"], y = inputs["y"];
            double eps = config.Double("eps");
            var projected = attacks.Projected(x, y, eps, config.Double("alpha"), config.Int("steps"));
            return new()
            {
                ["steer"] = policy.Call(x),
                ["fgsm"] = policy.Call(attacks.FastGradientSign(x, y, eps)),
                ["pgd"] = policy.Call(projected),
                ["l2"] = policy.Call(attacks.AlongGradient(x, y, config.Double("l2", L2Length))),
                ["pgd_image"] = projected,
            };
        });
    }
}
