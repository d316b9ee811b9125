using System.Text.Json.Nodes;
using Sconce.Data;

namespace Sconce.Systems.Tests;

/// <summary>Pictures with boxes as a person has them: files and COCO's JSON beside them.</summary>
internal static class DetectionPictures
{
    /// <summary>Writes one part: <c>train.json</c>, <c>train0.png</c> …</summary>
    /// <param name="folder">Where.</param>
    /// <param name="part">Its name.</param>
    /// <param name="scenes">The pictures.</param>
    /// <param name="classes">The categories' names, by label.</param>
    internal static void Write(string folder, string part, IDataset<ImageExample> scenes, params string[] classes)
    {
        Directory.CreateDirectory(folder);
        JsonArray images = [], annotations = [];
        for (int k = 0; k < scenes.Count; k++)
        {
            var scene = scenes[k];
            string name = $"{part}{k}.png";
            scene.Image.Save(Path.Combine(folder, name));
            images.Add(new JsonObject { ["id"] = k, ["file_name"] = name, ["width"] = scene.Image.Width, ["height"] = scene.Image.Height });
            foreach (var box in scene.Boxes)
            {
                annotations.Add(new JsonObject
                {
                    ["id"] = annotations.Count,
                    ["image_id"] = k,
                    ["category_id"] = box.Label + 1,
                    ["bbox"] = new JsonArray(box.Left, box.Top, box.Width, box.Height),
                });
            }
        }

        var categories = new JsonArray([.. classes.Select((name, label) => new JsonObject { ["id"] = label + 1, ["name"] = name })]);
        var json = new JsonObject { ["categories"] = categories, ["images"] = images, ["annotations"] = annotations };
        File.WriteAllText(Path.Combine(folder, $"{part}.json"), json.ToJsonString());
    }
}
