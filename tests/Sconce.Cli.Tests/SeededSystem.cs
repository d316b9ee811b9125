using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Cli.Tests;

/// <summary>A system whose claim's figures follow from its seeds, and which says in which process each was computed. Seed 7 breaks.</summary>
internal sealed class SeededSystem : NewsletterSystem
{
    public override SystemCard Card { get; } = FakeSystems.Card("seeded", "Seeded", "2021-W07", SystemTask.Training, "Counts.");

    public override Claim Claim { get; } = new SeededClaim();

    private sealed class SeededClaim : Claim, IJudgedByRows
    {
        public override string Statement => "More is more.";

        public override string Rule => "holds if the method's mean is above 2";

        public override TimeSpan Duration => TimeSpan.FromSeconds(1);

        public (Verdict Verdict, string Reason) Judge(IReadOnlyList<ClaimRow> rows)
        {
            double mean = ByArm(rows, "figure")["method"].Average();
            return (mean > 2 ? Verdict.Holds : Verdict.DoesNotHold, $"mean {mean:0.0} of {rows[0].Values.Count}");
        }

        public override ClaimResult Run(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
        {
            var seeds = Enumerable.Range(options.FirstSeed, SeedCount(options)).ToList();
            if (seeds.Contains(7)) throw new InvalidDataException("seed 7 is unlucky:\nchoose another");
            Thread.Sleep(200); // long enough for another process to take a seed
            ClaimRow[] rows =
            [
                new("method", "figure", [.. seeds.Select(seed => (double)seed)]) { IsMethod = true },
                new("process", "number", [.. seeds.Select(_ => (double)Environment.ProcessId)]),
            ];
            var (verdict, reason) = Judge(rows);
            return new ClaimResult(verdict, reason, rows) { Curves = [.. seeds.Select(seed => new ClaimCurve("figure", $"seed {seed}", [0, 1], [0, seed]))] };
        }
    }
}
