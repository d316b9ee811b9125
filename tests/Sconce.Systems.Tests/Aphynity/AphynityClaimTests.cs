using Sconce.Claims;
using Sconce.Systems.Science.Aphynity;
using Xunit;

namespace Sconce.Systems.Tests.Aphynity;

[Collection(LiveTensors.Name)]
public class AphynityClaimTests
{
    private const string Own = "APHYNITY", Joint = "joint, fit alone", Network = "network alone", Physics = "physics alone";

    private static Dictionary<string, List<double>> Errors(double own, double network, double physics) => new()
    {
        [Own] = [own, own, own],
        [Joint] = [own, own, own],
        [Network] = [network, network, network],
        [Physics] = [physics, physics, physics],
    };

    private static Dictionary<string, List<double>> Coefficients(double own, double joint) => new()
    {
        [Own] = [own, 0.001, own],
        [Joint] = [joint, joint, 0.9],
    };

    [Fact]
    public void The_rule_asks_for_the_forecast_and_for_the_coefficient()
    {
        Assert.Equal(Verdict.Holds, AphynityClaim.Judge(Errors(-3, -1.5, 1), Coefficients(0.01, 0.2)).Verdict);
        Assert.Equal(Verdict.DoesNotHold, AphynityClaim.Judge(Errors(-2, -1.5, 1), Coefficients(0.01, 0.2)).Verdict);
        Assert.Equal(Verdict.DoesNotHold, AphynityClaim.Judge(Errors(-3, -1.5, -1), Coefficients(0.01, 0.2)).Verdict);
        Assert.Equal(Verdict.DoesNotHold, AphynityClaim.Judge(Errors(-3, -1.5, 1), Coefficients(0.04, 0.2)).Verdict);
        Assert.Equal(Verdict.DoesNotHold, AphynityClaim.Judge(Errors(-3, -1.5, 1), Coefficients(0.02, 0.03)).Verdict);
    }

    [Fact]
    public void A_quick_run_gives_every_arm_and_proves_nothing()
    {
        var result = new AphynityClaim().Run(new ClaimOptions(Quick: true), null, default);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(7, result.Rows.Count); // the network alone has no coefficient
        Assert.All(result.Rows, row => Assert.True(double.IsFinite(row.Mean)));
    }
}
