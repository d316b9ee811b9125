using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Control.Driving;

/// <summary>
/// DDPG's step: the critic follows the targets' word, the policy climbs the critic, the targets follow slowly.
/// 1509.02971.
/// </summary>
internal sealed class DdpgProgram : TrainingProgram<IReadOnlyList<DriveStep>>
{
    private const double Following = 0.005;
    private readonly DrivingPolicy policy, slowPolicy;
    private readonly DrivingCritic critic, slowCritic;
    private readonly Player actor, judge;
    private readonly DdpgSettings settings;

    public DdpgProgram(
        (DrivingPolicy Now, DrivingPolicy Slow) policies, (DrivingCritic Now, DrivingCritic Slow) critics, Player actor, Player judge,
        DdpgSettings settings)
    {
        ((policy, slowPolicy), (critic, slowCritic)) = (policies, critics);
        (this.actor, this.judge, this.settings) = (actor, judge, settings);
        Follow(slowPolicy, policy, 1);
        Follow(slowCritic, critic, 1);
    }

    public override IReadOnlyList<Player> Players => [judge, actor];

    public override IReadOnlyList<(string Name, Module Module)> Modules =>
        [("policy", policy), ("slow_policy", slowPolicy), ("critic", critic), ("slow_critic", slowCritic)];

    public override Module Product => policy;

    public override string Items => "steps";

    public override int Count(IReadOnlyList<DriveStep> batch) => batch.Count;

    protected override void Step(IReadOnlyList<DriveStep> batch, TrainingStep step)
    {
        var before = CarView.See([.. batch.Select(one => one.Before)]);
        step.Update(judge, () =>
        {
            Tensor wanted;
            using (Gradients.Off())
            {
                var after = CarView.See([.. batch.Select(one => one.After)]);
                var future = slowCritic.Call(after, slowPolicy.Call(after));
                wanted = Column(one => one.Reward) + (Column(one => one.Ends ? 0 : settings.Discount) * future);
            }

            return (critic.Call(before, Column(one => one.Steering)) - wanted).Square().Mean();
        });
        if (step.Number < settings.CriticFirst) return;
        step.Update(actor, () => -critic.Call(before, policy.Call(before)).Mean());

        Tensor Column(Func<DriveStep, double> of) => Tensor.From([.. batch.Select(one => (float)of(one))], [batch.Count, 1]);
    }

    protected override void Stepped(long step)
    {
        Follow(slowPolicy, policy, Following);
        Follow(slowCritic, critic, Following);
    }

    private static void Follow(Module slow, Module now, double share)
    {
        using var noGrad = Gradients.Off();
        using var scope = new TensorScope();
        foreach (var (kept, parameter) in slow.Parameters().Zip(now.Parameters()))
            kept.CopyInPlace((kept * (1 - share)) + (parameter * share));
    }
}
