using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Cli.Tests;

/// <summary>A system whose claim's figures follow from its seeds, and which says in which process each was computed. Seed 7
/// breaks.</summary>
internal sealed class SeededSystem : CatalogueSystem
{
    public override SystemCard Card { get; } = FakeSystems.Card("seeded", "Seeded", "2021-W07", SystemTask.Training, "Counts.");

    public override Claim Claim { get; } = new SeededClaim();

    private sealed class SeededClaim : Claim
    {
        public override string Statement => "More is more.";

        public override string Rule => "holds if the method's mean is above 2";

        public override TimeSpan Duration => TimeSpan.FromSeconds(1);

        public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress,
            CancellationToken cancellation)
        {
            if (seed == 7) throw new InvalidDataException("seed 7 is unlucky:\nchoose another");
            Thread.Sleep(200); // long enough for another process to take a seed
            return new SeedResult([new ClaimRow("method", "figure", [seed]) { IsMethod = true },
                new ClaimRow("process", "number", [Environment.ProcessId])])
            {
                Checks = [new ClaimRow("method", "half", [seed / 2.0])],
                Curves = [new ClaimCurve("figure", $"seed {seed}", [0, 1], [0, seed])],
                Configuration = [("first", $"{seed}")],
            };
        }

        protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
        {
            double mean = table["method", "figure"].Average();
            return (mean > 2 ? Verdict.Holds
                : Verdict.DoesNotHold, $"mean {mean:0.0} of {table.Seeds}, halves {string.Join(", ", table["method", "half"])}");
        }
    }
}
