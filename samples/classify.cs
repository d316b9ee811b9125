#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// What a picture shows: dotnet run classify.cs -- RUN photo.jpg …
// RUN is a folder that `sconce train` wrote, or a network's name where its official weights were pulled.
using Sconce.Abilities;
using Sconce.Systems;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: dotnet run classify.cs -- RUN PICTURE …");
    return 2;
}

using var classifier = Classifier.Open(args[0], compile: true);
foreach (string path in args[1..])
{
    var labels = classifier.Classify(Picture.Of(path), top: 3);
    foreach (var label in labels.Items) Console.WriteLine($"{path}: {label.Name} {label.Confidence:P1}");
}

return 0;
