namespace Sconce.Bench;

/// <summary>The program's two faces: the table of <c>bench/run [GROUP…]</c>, and a worker's one task.</summary>
internal static class Comparison
{
    internal static int Run(string[] wanted)
    {
        if (wanted is ["--help", ..])
        {
            foreach (var group in BenchGroups.All) Console.WriteLine($"  {group.Name,-14} {group.About}");
            Console.WriteLine($"  {"families",-14} [NETWORK…] eager and compiled against PyTorch, its optimised script and ONNX Runtime");
            return 0;
        }

        string folder = Directory.CreateTempSubdirectory("sconce-bench-").FullName;
        try
        {
            if (wanted is ["families", .. var names])
            {
                Families.Run(folder, names.Length > 0 ? names : Families.All);
                return 0;
            }

            BenchGroup[] groups = wanted.Length > 0 ? [.. wanted.Select(BenchGroups.Get)]
                : [.. BenchGroups.All.Where(group => group.ByDefault)];
            var table = new BenchTable(folder);
            table.Begin();
            int failed = 0;
            foreach (var group in groups)
            {
                try
                {
                    group.Measure(table);
                }
                catch (InvalidOperationException broken)
                {
                    failed++;
                    Console.Error.WriteLine($"bench: {group.Name}: {broken.Message}");
                }
            }

            return failed == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
