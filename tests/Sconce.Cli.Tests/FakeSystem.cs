using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Cli.Tests;

/// <summary>A system whose claim takes no time and comes out as it is told to.</summary>
internal sealed class FakeSystem(string name, SystemTask task = SystemTask.Classification, Verdict verdict = Verdict.Holds,
    Exception? failure = null) : CatalogueSystem
{
    public override SystemCard Card { get; } =
        new(name, name.ToUpperInvariant(), "2021-W07", task, new Paper("On Fakes", "Nobody", 2021, "2102.00000"), $"What {name} is for.");

    public override Claim Claim { get; } = new FakeClaim(verdict, failure);

    private sealed class FakeClaim(Verdict verdict, Exception? failure) : Claim
    {
        public override string Statement => "The method beats the baseline.";

        public override string Rule => "Holds where the method's mean is higher.";

        public override TimeSpan Duration => TimeSpan.FromSeconds(1);

        public override bool HasSeeds => false;

        public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress,
            CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            if (failure is not null) throw failure;
            progress?.Report(new WorkProgress("running", 1, 1));
            return new SeedResult([new ClaimRow("method", "accuracy", [0.9]) { IsMethod = true },
                new ClaimRow("baseline", "accuracy", [0.5])])
            {
                Curves = [new ClaimCurve("loss", "method", [0, 1, 2], [1, double.NaN, 0.1])],
                Configuration = [("steps", "2")],
            };
        }

        protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) => (verdict, "0.9 against 0.5");
    }
}

/// <summary>Runs the command as the process would, and keeps what it wrote.</summary>
internal sealed record Ran(int Status, string Out, string Error)
{
    /// <summary>The output as JSON.</summary>
    public System.Text.Json.JsonElement Json => System.Text.Json.JsonDocument.Parse(Out).RootElement;

    internal static Ran Of(IReadOnlyList<CatalogueSystem> systems, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int status = Application.Run(arguments, systems, new Terminal(output, error));
        return new Ran(status, output.ToString(), error.ToString());
    }
}
