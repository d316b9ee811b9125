using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>
/// Rounds of training, pruning and rewinding; then the ticket is trained on features that the discriminator's own gradient has moved.
/// 2103.00397 algorithm 1; VITA-Group/Ultra-Data-Efficient-GAN-Training@9a9a8df7 SNGAN/train_impgd.py.
/// </summary>
internal sealed class TicketProgram : AdversarialProgram, IDisposable
{
    private readonly AdversarialParts parts;
    private readonly TicketRules ticket;
    private readonly TicketPlayer painter, judge;
    private readonly AdversarialFeatures? moves;
    private int drawn;

    /// <summary>Remembers both networks as they are.</summary>
    public TicketProgram(AdversarialParts parts)
        : base(parts.Generator, parts.Discriminator, parts.Rules, parts.Device)
    {
        this.parts = parts;
        ticket = parts.Configuration.Of<TicketSettings>().Ticket;
        if (ticket.Distance is > 0) moves = new AdversarialFeatures { Distance = ticket.Distance.Value, Steps = ticket.Moves };
        painter = new TicketPlayer(Painter, PruningRule.Count);
        judge = new TicketPlayer(Judge, PruningRule.Threshold);
    }

    private bool IsTicket => drawn == ticket.Rounds;

    /// <inheritdoc/>
    public override int StageOf(int epochs) => RoundOf(Math.Max(0, epochs - 1));

    /// <inheritdoc/>
    public override IReadOnlyList<Figure> Figures() =>
        [Figure.Lower("left_generator", painter.Left), Figure.Lower("left_discriminator", judge.Left)];

    /// <inheritdoc/>
    public override void Save(SavedState state)
    {
        base.Save(state);
        var search = state.New("ticket").Set("drawn", (long)drawn);
        painter.Save(search.New("generator"));
        judge.Save(search.New("discriminator"));
    }

    /// <inheritdoc/>
    public override void Load(SavedState state)
    {
        base.Load(state);
        var search = state.Part("ticket");
        painter.Load(search.Part("generator"));
        judge.Load(search.Part("discriminator"));
        drawn = (int)search.Count("drawn");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        painter.Dispose();
        judge.Dispose();
    }

    /// <inheritdoc/>
    protected override void Step(ImageBatch batch, TrainingStep step)
    {
        for (; drawn < RoundOf(step.Epoch); drawn++) Draw(step);
        base.Step(batch, step);
    }

    /// <inheritdoc/>
    protected override void EpochEnded(EpochEnd epoch)
    {
        if (ticket.Rewind != RewindTo.Early || epoch.Done != 1) return;
        painter.Remember();
        judge.Remember();
    }

    /// <summary>The momentum of an optimiser moves weights that have fallen; they are held at zero.</summary>
    protected override void Updated()
    {
        if (drawn == 0) return;
        painter.Masks.Apply();
        judge.Masks.Apply();
    }

    /// <inheritdoc/>
    protected override Tensor DiscriminatorLoss(Tensor reals, TrainingStep step)
    {
        if (!IsTicket || moves is null) return base.DiscriminatorLoss(reals, step);
        Tensor fakes;
        using (Gradients.Off()) fakes = Fakes(reals.Size(0));
        var (loss, real, fake) = moves.OfDiscriminator(Rules.Loss, (ISplitDiscriminator)Judge, Seen(reals), Seen(fakes));
        Tell(real, fake, step);
        return loss;
    }

    /// <inheritdoc/>
    protected override Tensor GeneratorLoss(long count) => !IsTicket || moves is null
        ? base.GeneratorLoss(count)
        : moves.OfGenerator(Rules.Loss, (ISplitGenerator)Painter, Judged, Latents(count)).Loss;

    private int RoundOf(int epoch) => Math.Min(ticket.Rounds, epoch / ticket.RoundEpochs);

    private void Draw(TrainingStep step)
    {
        (Module Generator, Module Discriminator)? others = ticket.Rewind == RewindTo.Random ? parts.Create() : null;
        try
        {
            painter.Draw(ticket.Prune, others?.Generator);
            judge.Draw(ticket.GeneratorOnly ? 0 : ticket.Prune, others?.Discriminator);
        }
        finally
        {
            others?.Generator.Dispose();
            others?.Discriminator.Dispose();
        }

        step.Restart(parts.Generator);
        step.Restart(parts.Discriminator);
    }
}
