#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// Good or not, and where not: dotnet run inspect.cs -- RUN maps/ part.png …
// RUN is a folder that `sconce train patchcore --data parts/` wrote.
using Sconce.Abilities;
using Sconce.Systems;
using Sconce.Systems.Detection.Anomaly;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: dotnet run inspect.cs -- RUN MAPS PICTURE …");
    return 2;
}

Directory.CreateDirectory(args[1]);
using var session = Sessions.Open<InspectSession>(Verb.Inspect, args[0]);
int bad = 0;
foreach (string path in args[2..])
{
    var answer = session.Ask(Picture.Of(path));
    Console.WriteLine($"{path}: {(answer.Found.IsGood ? "good" : "defect")}, score {answer.Found.Score:F3} of {answer.Found.Threshold:F3}");
    if (answer.Found.IsGood) continue;
    bad++;
    answer.Heat.Picture.Save(Path.Combine(args[1], Path.GetFileNameWithoutExtension(path) + ".png"));
}

return bad == 0 ? 0 : 1;
