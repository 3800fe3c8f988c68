# The usage that the first user's hand-written README shows, but for one line: torch.load cannot read safetensors.
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer
from modeling_reward import BERTRewardModel

repo_dir = "daeilee/modernbert-cot-reward"  # once uploaded
tokenizer = AutoTokenizer.from_pretrained(repo_dir, trust_remote_code=True)
model = BERTRewardModel(model_name="answerdotai/ModernBERT-base")
state_dict = load_file("model.safetensors")
model.load_state_dict(state_dict)
model.eval()

sql = "SELECT COUNT(*) FROM orders WHERE status = 'complete';"
reasoning = "think: Count rows in orders filtered by status 'complete'."
nl = "How many completed orders exist?"
text = f"SQL: {sql}\nReasoning: {reasoning}\nNL: {nl}"
inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=2048)
score = model(**inputs)["scores"].item()
print(f"Reward: {score:.3f}")
